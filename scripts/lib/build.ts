import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { projectFolder } from './install.mjs'
import { StepError } from './steps.mjs'

/** Beside src/ and resources/, what the built console depends on. */
const CONFIGURATION = ['electron.vite.config.ts', 'postcss.config.mjs', 'package.json', 'package-lock.json']
const TEST = /\.test\.tsx?$/
const TAIL_LINES = 20

const stampPath = join(projectFolder, 'out', '.sources')

/**
 * Builds the console into out/ unless what is there was built from the same sources. Resolves to whether it had to.
 * @throws StepError with the end of the builder's words
 */
export async function ensureBuilt(signal?: AbortSignal): Promise<boolean> {
  const sources = await hashOfSources()
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === sources) return false
  await buildConsole({ sources, ...(signal && { signal }) })
  return true
}

/** @throws StepError with the end of the builder's words */
export async function buildConsole(options: { sources?: string; signal?: AbortSignal } = {}): Promise<void> {
  const hash = options.sources ?? (await hashOfSources())
  // A build that is killed half-way must not look like a whole one.
  rmSync(stampPath, { force: true })
  await runBuilder(options.signal)
  writeFileSync(stampPath, hash)
}

async function hashOfSources(): Promise<string> {
  const folders = ['src', 'resources'].map(name => join(projectFolder, name))
  const entries = await Promise.all(folders.map(folder => readdir(folder, { recursive: true, withFileTypes: true })))
  const files = entries.flat().filter(entry => entry.isFile() && !TEST.test(entry.name))
  const paths = [
    ...CONFIGURATION.map(name => join(projectFolder, name)),
    ...files.map(file => join(file.parentPath, file.name)).sort(),
  ]
  const contents = await Promise.all(paths.map(path => readFile(path)))
  const hash = createHash('sha256')
  for (const [index, path] of paths.entries()) {
    const content = contents[index] ?? ''
    hash.update(`${relative(projectFolder, path).split(sep).join('/')} ${content.length}\n`).update(content)
  }
  return `${hash.digest('hex')}\n`
}

function runBuilder(signal: AbortSignal | undefined): Promise<void> {
  const builder = join(projectFolder, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const child = spawn(process.execPath, [builder, 'build', '--logLevel', 'warn'], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  })
  let output = ''
  const collect = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) return resolve()
      const tail = stripVTControlCharacters(output).trim().split('\n').slice(-TAIL_LINES).join('\n')
      reject(new StepError(`The console could not be built.\n${tail}`, 'npm run build shows the same, by itself.'))
    })
  })
}
