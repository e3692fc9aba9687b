import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDirectory } from '../packages/cache.ts'
import { startGuard } from './guard.ts'
import { Run } from './run.ts'
import { StateFile } from './state.ts'
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
  const id = randomBytes(4).toString('hex')
  const statePath = options.statePath ?? join(cacheDirectory(), 'runs', `${id}.json`)
  const state = StateFile.create(statePath, id)
  const guard = startGuard(statePath)
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-services-'))
  state.update(current => current.directories.push(directory))
  // Servers that run as another user must reach their own folders below; those are closed to others.
  await chmod(directory, 0o755)
  const { dataDirectory, log = () => undefined } = options
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
