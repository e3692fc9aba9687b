import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process as remembered in a state file: the start time tells it from a later process that got the same number. */
export interface ProcessRecord {
  name: string
  pid: number
  started: string
  /** The signal that ends it fastest in good order. */
  signal: NodeJS.Signals
}

/** When the process began, in the system's own notation; undefined when it has ended (a zombie has ended). */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') return startTimeFromProc(pid)
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

function startTimeFromProc(pid: number): string | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // proc(5): the name in parentheses may hold spaces; after it come the state (field 3) and, as field 22, the start.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  return state === 'Z' || state === 'X' ? undefined : fields[19]
}

export function isAlive(record: Pick<ProcessRecord, 'pid' | 'started'>): boolean {
  return startTimeOf(record.pid) === record.started
}
