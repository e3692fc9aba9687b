import type { PoolClient } from 'pg'
import { CommandError } from './errors.ts'

/** MongoDB's default cursorTimeoutMillis. */
const IDLE_MS = 10 * 60_000

export interface Cursor {
  database: string
  /** Where the engine goes on, as it returned it. */
  continuation: unknown
  /** The connection that must serve the rest, where the engine keeps the cursor's state in it. */
  client: PoolClient | undefined
}

/** Results that a client has not read to the end. */
export class Cursors {
  readonly #open = new Map<string, { cursor: Cursor; timer: NodeJS.Timeout }>()

  open(id: string, cursor: Cursor): void {
    this.#open.set(id, { cursor, timer: this.#expire(id) })
  }

  /** @throws CommandError when it was never opened, read to the end, or forgotten after ten idle minutes */
  get(id: string): Cursor {
    const entry = this.#open.get(id)
    if (entry === undefined) throw new CommandError(43, 'CursorNotFound', `cursor id ${id} not found`)
    clearTimeout(entry.timer)
    entry.timer = this.#expire(id)
    return entry.cursor
  }

  /** Forgets a cursor that has been read to its end. */
  finish(id: string): void {
    this.#remove(id)?.client?.release()
  }

  /** Forgets a cursor before its end; false when there is none. */
  kill(id: string): boolean {
    const cursor = this.#remove(id)
    cursor?.client?.release(true)
    return cursor !== undefined
  }

  #expire(id: string): NodeJS.Timeout {
    return setTimeout(() => this.kill(id), IDLE_MS).unref()
  }

  #remove(id: string): Cursor | undefined {
    const entry = this.#open.get(id)
    this.#open.delete(id)
    clearTimeout(entry?.timer)
    return entry?.cursor
  }
}
