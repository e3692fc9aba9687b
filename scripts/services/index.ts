import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ADDRESS_VARIABLE, COMPANION_VARIABLES, type ServiceName } from './names.ts'
import { cacheDirectory } from './packages/cache.ts'
import { type Certificates, makeCertificates } from './runtime/certificates.ts'
import { startGuard } from './runtime/guard.ts'
import { Run } from './runtime/run.ts'
import { StateFile } from './runtime/state.ts'
import { stopFromStateFile } from './runtime/stop.ts'
import { startService } from './start-service.ts'

export { SERVICE_NAMES, type ServiceName } from './names.ts'

export interface StartOptions {
  /** Where the run remembers what it has started; a file in the cache unless told. */
  statePath?: string
  /** Keeps data, passwords and, where possible, ports here, so that a later start finds them; otherwise all end with the run. */
  dataDirectory?: string
  /** The services outlive this process; otherwise they end with it, however it ends. */
  isDetached?: boolean
  /** Progress, one line at a time. */
  log?: (line: string) => void
}

export interface RunningServices {
  /** The variables of every service asked for: see names.ts. */
  env: Record<string, string>
  statePath: string
  /** Ends every process and removes all temporary data; returns when nothing is left. */
  stop(): Promise<void>
}

/**
 * Gets the named services: those whose address is in the environment are taken from there, the others are started.
 * @throws Error naming each service that cannot be had; whatever had been started is stopped by then
 */
export async function startServices(
  names: readonly ServiceName[],
  options: StartOptions = {},
): Promise<RunningServices> {
  const given = names.filter(name => process.env[ADDRESS_VARIABLE[name]])
  const missing = names.filter(name => !given.includes(name))
  const id = randomBytes(4).toString('hex')
  const statePath = options.statePath ?? join(cacheDirectory(), 'runs', `${id}.json`)
  const state = StateFile.create(statePath, id)
  const guard = startGuard(statePath)
  const stop = async (): Promise<void> => {
    await stopFromStateFile(statePath)
    guard.dismiss()
  }
  try {
    const run = await createRun(state, options)
    const env = Object.assign({}, ...given.map(variablesFromEnvironment), await startAll(run, missing))
    state.update(current => {
      Object.assign(current, { isReady: true, services: [...names], env })
    })
    if (options.isDetached) guard.dismiss()
    return { env, statePath, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createRun(state: StateFile, options: StartOptions): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-services-'))
  state.update(current => current.directories.push(directory))
  // Servers that run as another user must reach their own folders below; those are closed to others.
  await chmod(directory, 0o755)
  const { dataDirectory, log = () => undefined } = options
  if (dataDirectory !== undefined) await mkdir(dataDirectory, { recursive: true })
  return new Run({ state, directory, dataDirectory, log })
}

async function startAll(run: Run, names: readonly ServiceName[]): Promise<Record<string, string>> {
  let certificates: Promise<Certificates> | undefined
  const getCertificates = (): Promise<Certificates> => {
    certificates ??= makeCertificates(run.directory)
    return certificates
  }
  const results = await Promise.allSettled(
    names.map(async name => {
      const began = performance.now()
      const env = await startService(run, name, getCertificates)
      run.log(`${name} ready after ${((performance.now() - began) / 1000).toFixed(1)} s`)
      return env
    }),
  )
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${names[index]}: ${(result.reason as Error).message}`] : [],
  )
  if (failures.length > 0) throw new Error(failures.join('\n'))
  return Object.assign({}, ...results.map(result => (result.status === 'fulfilled' ? result.value : {})))
}

function variablesFromEnvironment(name: ServiceName): Record<string, string> {
  const variables = [ADDRESS_VARIABLE[name], ...COMPANION_VARIABLES[name]]
  return Object.fromEntries(variables.flatMap(key => (process.env[key] ? [[key, process.env[key]]] : [])))
}
