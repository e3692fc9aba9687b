import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDirectory } from '../packages/cache.ts'
import { startGuard } from './guard.ts'
import { isAlive } from './process-identity.ts'
import { Run } from './run.ts'
import { readState, StateFile } from './state.ts'
import { stopFromStateFile } from './stop.ts'

export interface RunOptions {
  /** Where the run remembers what it has started; a file in the cache unless told. */
  statePath?: string
  /** Keeps data, passwords and, where possible, ports here, so that a later start finds them. */
  dataDirectory?: string
  /** Progress, one line at a time. */
  log?: (line: string) => void
}

export interface OpenRun {
  run: Run
  /** Ends every process and removes all temporary data; returns when nothing is left. */
  stop(): Promise<void>
  /** The processes shall live on when this process ends. */
  detach(): void
}

/**
 * Begins a run: its state file, its temporary directory, and the guard that ends it should this process die.
 * @throws Error with code EEXIST when another run holds the state file
 */
export async function openRun(options: RunOptions): Promise<OpenRun> {
  const { dataDirectory, log = () => undefined } = options
  await sweepDeadRuns(log)
  const id = randomBytes(4).toString('hex')
  const statePath = options.statePath ?? join(runsDirectory(), `${id}.json`)
  const state = StateFile.create(statePath, id)
  const guard = startGuard(statePath)
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-services-'))
  state.update(current => current.directories.push(directory))
  // Servers that run as another user must reach their own folders below; those are closed to others.
  await chmod(directory, 0o755)
  if (dataDirectory !== undefined) await mkdir(dataDirectory, { recursive: true })
  return {
    run: new Run({ state, directory, dataDirectory, log }),
    stop: async () => {
      await stopFromStateFile(statePath)
      guard.dismiss()
    },
    detach: () => guard.dismiss(),
  }
}

/** The folder of the state files of runs that were given no other place. */
export function runsDirectory(): string {
  return join(cacheDirectory(), 'runs')
}

/** Removes what runs have left that ended without a chance to clean up, such as by a restart of the machine. */
async function sweepDeadRuns(log: (line: string) => void): Promise<void> {
  const directory = runsDirectory()
  await mkdir(directory, { recursive: true })
  const names = (await readdir(directory)).filter(name => name.endsWith('.json'))
  for (const name of names) {
    const path = join(directory, name)
    try {
      const state = readState(path)
      const isDead = state !== undefined && !isAlive(state.starter) && !state.processes.some(isAlive)
      if (isDead) await stopFromStateFile(path)
    } catch (error) {
      // Somebody else's remains must not keep this run from starting.
      log(`${path} cannot be cleaned up: ${(error as Error).message}`)
    }
  }
}
