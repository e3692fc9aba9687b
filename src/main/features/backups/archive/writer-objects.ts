import type { Readable } from 'node:stream'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { toBackupError } from '../../../connections/backup/errors.ts'
import type { ObjectSink } from './writer-table.ts'

/** Small objects that are put at once; each holds its bytes, at most a megabyte, until it rests. */
const IN_FLIGHT = 8
const CLEAN_UP_MS = 60_000

/** The objects of one archive on their way into the store. */
export class ArchiveObjects implements ObjectSink {
  private readonly store: BackupStore
  private readonly prefix: string
  private readonly signal: AbortSignal
  private readonly running = new Set<Promise<void>>()
  private readonly keys: string[] = []
  private failure: { error: unknown } | undefined
  storedBytes = 0

  constructor(store: BackupStore, prefix: string, signal: AbortSignal) {
    this.store = store
    this.prefix = prefix
    this.signal = signal
  }

  /** Resolves when there is room for the next; a failure is told by the next call, or by `settle`. */
  async bytes(name: string, body: Uint8Array): Promise<void> {
    while (this.running.size >= IN_FLIGHT) await Promise.race(this.running)
    this.throwFailure()
    const putting: Promise<void> = this.put(name, body)
      .catch((error: unknown) => {
        this.failure ??= { error }
      })
      .finally(() => this.running.delete(putting))
    this.running.add(putting)
  }

  async stream(name: string, body: Readable): Promise<void> {
    this.throwFailure()
    await this.put(name, body)
  }

  /** Resolves when everything rests; rejects with the first failure. */
  async settle(): Promise<void> {
    await Promise.all(this.running)
    this.throwFailure()
  }

  /**
   * Removes whatever this archive has in the store, with a time limit of its own, and looks whether that worked. Call it when
   * nothing is put any more.
   */
  async remove(): Promise<void> {
    await Promise.all(this.running)
    const signal = AbortSignal.timeout(CLEAN_UP_MS)
    // The manifest first: what is left if this is cut short must not look like an archive.
    await this.store.delete(this.keys.toReversed(), signal)
    for (const upload of await this.store.listUnfinished(this.prefix, signal)) {
      // A folder names every unfinished file; without its key it may be somebody else's, who is still writing it.
      if (upload.key?.startsWith(this.prefix) === true) await this.store.abortUnfinished(upload, signal)
    }
    const { objects } = await this.store.list({ prefix: this.prefix }, signal)
    if (objects.length === 0) return
    await this.store.delete(
      objects.map(object => object.key),
      signal,
    )
    const left = await this.store.list({ prefix: this.prefix, limit: 1 }, signal)
    if (left.objects.length > 0) throw new AppError('CONFLICT', 'Objects of the failed backup are still in the store.')
  }

  private async put(name: string, body: Uint8Array | Readable): Promise<void> {
    const key = `${this.prefix}${name}`
    this.keys.push(key)
    // Read after the wait: others add meanwhile.
    const bytes = await this.store.put(key, body, this.signal).catch((error: unknown) => {
      throw toBackupError(error, { isCancelled: this.signal.aborted })
    })
    this.storedBytes += bytes
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error
  }
}
