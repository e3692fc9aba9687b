import type { TableReader } from './table-reader.ts'

/** Milliseconds a stream waits behind a page for somebody to ask for the next one. */
export const IDLE_MS = 60_000
/** Streams that wait at the same time; each holds a connection to the store and up to a few megabytes. */
const MOST_OPEN = 8

export interface Kept<T extends { close(): Promise<void> }> {
  reader: T
  timer: NodeJS.Timeout
}

/** Readers that stand behind a page, by the page they stand behind. The one that waited longest gives way. */
export class OpenReaders<T extends { close(): Promise<void> } = TableReader> {
  private readonly kept = new Map<string, Kept<T>>()
  private readonly idleMs: number
  private isClosed = false

  constructor(idleMs: number = IDLE_MS) {
    this.idleMs = idleMs
  }

  get size(): number {
    return this.kept.size
  }

  /** Hands the reader over; whoever takes it keeps or closes it. */
  take(place: string): T | undefined {
    const found = this.kept.get(place)
    if (found === undefined) return undefined
    this.kept.delete(place)
    clearTimeout(found.timer)
    return found.reader
  }

  async keep(place: string, reader: T): Promise<void> {
    if (this.isClosed) return await reader.close()
    await this.drop(place)
    const timer = setTimeout(() => void this.drop(place), this.idleMs)
    timer.unref()
    this.kept.set(place, { reader, timer })
    const [oldest] = this.kept.keys()
    if (this.kept.size > MOST_OPEN && oldest !== undefined) await this.drop(oldest)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all([...this.kept.keys()].map(place => this.drop(place)))
  }

  private async drop(place: string): Promise<void> {
    await this.take(place)?.close()
  }
}
