import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ProcessRecord, startTimeOf } from './process-identity.ts'

/** Raised when the content of state files changes. */
const VERSION = 2

/**
 * What one run has started, written before and after each step, so that `down` can end it even when the starter
 * was killed half-way. Holds passwords: readable by its owner only.
 */
export interface RunState {
  version: typeof VERSION
  id: string
  /** The process that starts the services; it may have ended since. */
  starter: { pid: number; started: string }
  isReady: boolean
  services: string[]
  env: Record<string, string>
  processes: ProcessRecord[]
  /** Mount points to be released before directories are removed. */
  mounts: string[]
  /** Temporary directories to be removed. */
  directories: string[]
  /** The docker compose project, when one was started. */
  compose?: { project: string; keepsVolumes: boolean }
}

export class StateFile {
  readonly path: string
  readonly #state: RunState

  private constructor(path: string, state: RunState) {
    this.path = path
    this.#state = state
  }

  /** @throws Error with code EEXIST when another run holds this file */
  static create(path: string, id: string): StateFile {
    const state: RunState = {
      version: VERSION,
      id,
      starter: { pid: process.pid, started: startTimeOf(process.pid) ?? '' },
      isReady: false,
      services: [],
      env: {},
      processes: [],
      mounts: [],
      directories: [],
    }
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(state, null, 2), { flag: 'wx', mode: 0o600 })
    return new StateFile(path, state)
  }

  get current(): Readonly<RunState> {
    return this.#state
  }

  update(change: (state: RunState) => void): void {
    change(this.#state)
    const draft = `${this.path}.${process.pid}.tmp`
    writeFileSync(draft, JSON.stringify(this.#state, null, 2), { mode: 0o600 })
    renameSync(draft, this.path)
  }
}

/** undefined when there is no such file */
export function readState(path: string): RunState | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const state = JSON.parse(text) as RunState
  if (state.version !== VERSION) throw new Error(`${path} is not a state file of this version`)
  return state
}

export function removeState(path: string): void {
  rmSync(path, { force: true })
}
