import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { electronRuntime } from '../lib/electron-runtime.ts'
import { projectFolder } from '../lib/install.mjs'
import { runWithKeychain } from '../services/keychain.ts'
import { runProgram } from './programs.ts'

/** What one stage found. Checks that are all or nothing count as one. */
export interface Stage {
  passed: number
  failed: number
}

const whole = (code: number): Stage => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

export const checkTypes = async (): Promise<Stage> => whole(await runProgram(['tsc', '-b']))

export const lint = async (): Promise<Stage> => whole(await runProgram(['biome', 'ci', '--error-on-warnings', '.']))

const VitestReport = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
})

/** Suites on real stores mostly wait for servers: more of them than cores keep the cores busy. */
const STORE_WORKERS = 3

/** Runs projects of vitest.config.ts. A suite that could not start, and a skipped test, count as failed. */
export async function vitest(
  projects: 'unit' | 'db*' | 'server-alone' | 'keychain',
  env: Record<string, string>,
): Promise<Stage> {
  return await withReport(async report => {
    const args = ['run', '--project', projects, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    if (projects === 'db*') args.push(`--maxWorkers=${STORE_WORKERS}`)
    if (projects !== 'keychain') await runProgram(['vitest', ...args], env)
    else await runWithKeychain([join(projectFolder, 'node_modules', '.bin', 'vitest'), ...args])
    const found = VitestReport.parse(JSON.parse(await readFile(report, 'utf8')))
    const failed = found.numFailedTests + found.numPendingTests + found.numTodoTests
    return { passed: found.numPassedTests, failed: failed === 0 && !found.success ? 1 : failed }
  })
}

const PlaywrightReport = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
})

/** A flaky or skipped spec counts as failed. The Electron project is added where a runtime is. */
export async function playwright(env: Record<string, string>): Promise<Stage> {
  const projects = electronRuntime() === undefined ? ['--project=web'] : ['--project=web', '--project=electron']
  return await withReport(async report => {
    const code = await runProgram(['playwright', 'test', '--reporter=list,json', ...projects], {
      ...env,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    })
    const { stats } = PlaywrightReport.parse(JSON.parse(await readFile(report, 'utf8')))
    const failed = stats.unexpected + stats.flaky + stats.skipped
    return { passed: stats.expected, failed: failed === 0 && code !== 0 ? 1 : failed }
  })
}

async function withReport(work: (path: string) => Promise<Stage>): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-report-'))
  try {
    return await work(join(folder, 'report.json'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
