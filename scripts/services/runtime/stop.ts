import { readFile, rm } from 'node:fs/promises'
import { execute } from './execute.ts'
import { isAlive, type ProcessRecord } from './process-identity.ts'
import { type RunState, readState, removeState } from './state.ts'
import { waitFor } from './wait.ts'

const GRACE_MS = 5_000
const KILL_MS = 10_000

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function hasEnded(record: ProcessRecord, timeoutMs: number): Promise<boolean> {
  try {
    return await waitFor(() => !isAlive(record), { what: `end of ${record.name}`, timeoutMs })
  } catch {
    return false
  }
}

/**
 * Ends one process: its own signal first, SIGKILL for its whole group after the grace time; returns when it is gone.
 * @throws Error when it outlives SIGKILL
 */
export async function stopProcess(record: ProcessRecord): Promise<void> {
  if (!isAlive(record)) return
  signal(record.pid, record.signal)
  if (await hasEnded(record, GRACE_MS)) return
  // Each service leads its own process group (it is started detached), so this reaches its helpers as well.
  signal(-record.pid, 'SIGKILL')
  signal(record.pid, 'SIGKILL')
  if (!(await hasEnded(record, KILL_MS))) throw new Error(`${record.name} (process ${record.pid}) cannot be ended`)
}

async function unmount(path: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  // Lazily: a process that is just ending may still hold a file.
  if (mounts.includes(` ${path} `)) await execute(['umount', '--lazy', path])
}

/** Ends everything the state names: processes first, then mounts, then temporary directories. */
export async function stopAll(state: RunState): Promise<void> {
  if (state.compose !== undefined) {
    const { project, keepsVolumes } = state.compose
    const volumes = keepsVolumes ? [] : ['--volumes']
    await execute(['docker', 'compose', '-p', project, 'down', '--timeout', '5', ...volumes])
  }
  const results = await Promise.allSettled(state.processes.map(stopProcess))
  for (const mount of state.mounts.toReversed()) await unmount(mount)
  for (const directory of state.directories) await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  const failures = results.filter(result => result.status === 'rejected').map(result => String(result.reason))
  if (failures.length > 0) throw new Error(failures.join('\n'))
}

/** Ends the run that a state file names and removes the file. Returns false when there is no such file. */
export async function stopFromStateFile(path: string): Promise<boolean> {
  const state = readState(path)
  if (state === undefined) return false
  await stopAll(state)
  removeState(path)
  return true
}
