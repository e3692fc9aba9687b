import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { SYSTEM_PATH } from './execute.ts'
import { type ProcessRecord, startTimeOf } from './process-identity.ts'
import type { Run } from './run.ts'
import { waitFor } from './wait.ts'

export interface DaemonSpec {
  name: string
  argv: readonly [string, ...string[]]
  /** Added to PATH and locale; nothing else is inherited, so that services never see the developer's secrets. */
  env?: Record<string, string>
  cwd?: string
  uid?: number
  gid?: number
  /** The signal that ends it fastest in good order; SIGTERM unless told. */
  signal?: NodeJS.Signals
}

export interface Daemon {
  record: ProcessRecord
  logPath: string
  /** @throws Error with the end of the log when the process has died */
  assertAlive(): void
  /** Polls until the probe answers; gives up at once when the process dies. */
  ready<T>(probe: () => Promise<T | undefined | false>, timeoutMs?: number): Promise<T>
}

const READY_MS = 60_000
const TAIL_LENGTH = 2_000

/** The end of a log file, for error messages. */
export function tailOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().slice(-TAIL_LENGTH) : ''
}

/**
 * Starts a long-running process that outlives this one, with its output in the run's log directory. It is in the
 * state file before this returns.
 * @throws Error when the command cannot be run at all
 */
export async function startDaemon(run: Run, spec: DaemonSpec): Promise<Daemon> {
  const { name, argv, env = {}, signal = 'SIGTERM', ...identity } = spec
  const [command, ...rest] = argv
  const logPath = run.logPath(name)
  const log = openSync(logPath, 'a')
  const child = spawn(command, rest, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C.UTF-8', ...env },
    cwd: run.directory,
    ...identity,
  })
  closeSync(log)
  await once(child, 'spawn').catch(error => {
    throw new Error(`Cannot run ${command} for ${name}: ${error.message}`, { cause: error })
  })
  child.unref()
  let ended: string | undefined
  child.once('exit', (code, by) => {
    ended = by ?? `code ${code}`
  })
  const pid = child.pid ?? 0
  const record: ProcessRecord = { name, pid, started: startTimeOf(pid) ?? 'ended', signal }
  run.state.update(state => state.processes.push(record))
  const assertAlive = (): void => {
    if (ended !== undefined) throw new Error(`${name} ended with ${ended}: ${tailOf(logPath)}`)
  }
  return {
    record,
    logPath,
    assertAlive,
    ready: (probe, timeoutMs = READY_MS) => waitFor(probe, { what: name, timeoutMs, giveUp: assertAlive }),
  }
}
