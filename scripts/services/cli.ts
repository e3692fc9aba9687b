import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startServices } from './index.ts'
import { parseServiceNames, SERVICE_NAMES } from './names.ts'
import { cacheDirectory } from './packages/cache.ts'
import { runsDirectory } from './runtime/open-run.ts'
import { isAlive } from './runtime/process-identity.ts'
import { type RunState, readState } from './runtime/state.ts'
import { stopFromStateFile } from './runtime/stop.ts'

const USAGE = `node scripts/services/cli.ts <command>

  up      start services and leave them running   [--only ${SERVICE_NAMES.join(',')}] [--data DIR]
  down    end them and remove their data
  status  what runs
  env     print shell exports of their addresses

  --state FILE  the file that remembers a run (default: one in the cache directory)
  --data DIR    keep data and passwords there for the next start
`

interface Options {
  only?: string
  state: string
  data?: string
}

async function up({ only, state, data }: Options): Promise<void> {
  const before = readState(state)
  if (before?.processes.some(isAlive)) throw new Error(`${state} is in use: run "down --state ${state}" first`)
  if (before !== undefined) await stopFromStateFile(state)
  const services = await startServices(only === undefined ? SERVICE_NAMES : parseServiceNames(only), {
    statePath: state,
    isDetached: true,
    log: line => console.error(line),
    ...(data === undefined ? {} : { dataDirectory: resolve(data) }),
  })
  process.stdout.write(exportsOf(services.env))
}

async function down({ state }: Options): Promise<void> {
  const isFound = await stopFromStateFile(state)
  console.error(isFound ? `Stopped the services of ${state}` : `Nothing to stop: there is no ${state}`)
}

function env({ state }: Options): void {
  const found = readState(state)
  if (found === undefined) throw new Error(`No services are known to ${state}: run "up" first`)
  if (!found.isReady) throw new Error(`The services of ${state} are still starting or did not start`)
  process.stdout.write(exportsOf(found.env))
}

function status({ state }: Options): void {
  const runs = runsDirectory()
  const others = existsSync(runs) ? readdirSync(runs).map(name => join(runs, name)) : []
  const paths = [state, ...others]
  for (const path of paths) {
    try {
      const found = readState(path)
      if (found !== undefined) process.stdout.write(table(path, found))
    } catch (error) {
      console.error((error as Error).message)
    }
  }
}

function table(path: string, state: RunState): string {
  const lines = state.processes.map(record => {
    return `  ${record.name.padEnd(20)} ${String(record.pid).padStart(8)}  ${isAlive(record) ? 'running' : 'ended'}`
  })
  return [`${path} (${state.isReady ? 'ready' : 'not ready'})`, ...lines, ''].join('\n')
}

function exportsOf(variables: Record<string, string>): string {
  const quote = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quote(value)}\n`)
    .join('')
}

const COMMANDS: Record<string, (options: Options) => void | Promise<void>> = { up, down, env, status }

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, state: { type: 'string' }, data: { type: 'string' } },
  })
  const command = COMMANDS[positionals[0] ?? '']
  if (command === undefined || positionals.length !== 1) {
    process.stderr.write(USAGE)
    process.exitCode = 2
    return
  }
  const state = resolve(values.state ?? join(cacheDirectory(), 'services.json'))
  await command({ ...values, state })
}

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
