import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectFolder } from '../lib/install.mjs'
import { StepError, sayError } from '../lib/steps.mjs'
import { demoPathHere, findRunningDemo } from './demo-folder.ts'

/** `npm run demo -- tenants list`: the console's command line over the running demo, with what only this session knows. */
async function main(args: readonly string[]): Promise<number> {
  const demo = await findRunningDemo(demoPathHere(projectFolder))
  if (demo === undefined) {
    throw new StepError('The demo does not run.', 'Start it first, in another terminal: npm run quickstart')
  }
  // Commands take session-only secrets from these variables; the demo's are worth no more than its folder.
  const variables = Object.fromEntries(
    demo.secrets.map(({ store, secret }) => [`TENANTRY_SECRET_${store.toUpperCase()}`, secret]),
  )
  const child = spawn(process.execPath, [join(projectFolder, 'src', 'cli', 'cli.ts'), ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...variables, TENANTRY_DATA: demo.console },
  })
  // The terminal tells the child itself; it ends in order, and this process after it.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = await once(child, 'close')
  return typeof code === 'number' ? code : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  sayError(error)
  process.exitCode = 1
}
