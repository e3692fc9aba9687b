import { hasDocker, startContainers } from './docker/up.ts'
import { ADDRESS_VARIABLE, COMPANION_VARIABLES, type ServiceName } from './names.ts'
import { type Certificates, makeCertificates } from './runtime/certificates.ts'
import { openRun, type RunOptions } from './runtime/open-run.ts'
import type { Run } from './runtime/run.ts'
import { startService } from './start-service.ts'

export { SERVICE_NAMES, type ServiceName } from './names.ts'

export interface StartOptions extends RunOptions {
  /** The services outlive this process; otherwise they end with it, however it ends. */
  isDetached?: boolean
}

export interface RunningServices {
  /** The variables of every service asked for: see names.ts. */
  env: Record<string, string>
  statePath: string
  /** Ends every process and removes all temporary data; returns when nothing is left. */
  stop(): Promise<void>
}

export type Starter = (name: ServiceName) => Promise<Record<string, string>>

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
  const { run, stop, detach } = await openRun(options)
  try {
    const started = missing.length === 0 ? {} : await startAll(run, missing)
    const env = Object.assign({}, ...given.map(variablesFromEnvironment), started)
    run.state.update(state => {
      Object.assign(state, { isReady: true, services: [...names], env })
    })
    if (options.isDetached) detach()
    return { env, statePath: run.state.path, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startAll(run: Run, names: readonly ServiceName[]): Promise<Record<string, string>> {
  const start = await chooseStarter(run, names)
  const results = await Promise.allSettled(
    names.map(async name => {
      const began = performance.now()
      const env = await start(name)
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

/** Containers where a docker engine runs, this machine's own programs and packages otherwise. */
export async function chooseStarter(run: Run, names: readonly ServiceName[]): Promise<Starter> {
  let certificates: Promise<Certificates> | undefined
  const getCertificates = (): Promise<Certificates> => {
    certificates ??= makeCertificates(run.directory)
    return certificates
  }
  if (await hasDocker()) return startContainers(run, names, await getCertificates())
  return name => startService(run, name, getCertificates)
}

function variablesFromEnvironment(name: ServiceName): Record<string, string> {
  const variables = [ADDRESS_VARIABLE[name], ...COMPANION_VARIABLES[name]]
  return Object.fromEntries(variables.flatMap(key => (process.env[key] ? [[key, process.env[key]]] : [])))
}
