import { SERVICE_NAMES, startServices } from '../services/index.ts'
import { installSystemPackages, SYSTEM_PACKAGES } from '../services/packages/system-packages.ts'
import { build } from './build.ts'
import { electronNotice } from './electron-notice.ts'
import { checkTypes, lint, playwright, type Stage, vitest } from './stages.ts'

/**
 * Everything there is to check, on real servers. Stages that need no server run while the servers start. Ends with one line,
 * `N passed, N failed`.
 */
const started = performance.now()
const stages: Stage[] = []
let stopServices: () => Promise<void> = async () => undefined

async function run(title: string, work: () => Promise<Stage>): Promise<void> {
  const began = performance.now()
  process.stdout.write(`\n── ${title}\n`)
  const stage = await work().catch((error: unknown): Stage => {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return { passed: 0, failed: 1 }
  })
  stages.push(stage)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`── ${title}: ${stage.passed} passed, ${stage.failed} failed (${seconds} s)\n`)
}

async function prepare(): Promise<Record<string, string>> {
  await installSystemPackages([
    ...SYSTEM_PACKAGES.browser,
    ...SYSTEM_PACKAGES.keychain,
    ...SYSTEM_PACKAGES.certificates,
  ])
  const services = await startServices(SERVICE_NAMES)
  stopServices = () => services.stop()
  return services.env
}

async function main(): Promise<void> {
  const preparing = prepare()
  // The failure is reported where the services are needed.
  preparing.catch(() => undefined)
  await run('Types', checkTypes)
  await run('Lint and format', lint)
  await run('Unit tests', () => vitest('unit', {}))
  await run('Build', build)
  let env: Record<string, string> = {}
  await run('Real services', async () => {
    env = await preparing
    return { passed: 1, failed: 0 }
  })
  await run('Tests on real stores', () => vitest('db*', env))
  await run('Tests that need a server alone', () => vitest('server-alone', env))
  await run('Tests on a real keychain', () => vitest('keychain', env))
  await run('Console in the browser', () => playwright(env))
}

function finish(): void {
  const passed = stages.reduce((sum, stage) => sum + stage.passed, 0)
  const failed = stages.reduce((sum, stage) => sum + stage.failed, 0)
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  process.stdout.write(`\nThe whole took ${minutes} min. ${electronNotice()}\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => void stopServices().finally(() => process.exit(exitCode)))
}

try {
  await main()
} finally {
  await stopServices()
}
finish()
