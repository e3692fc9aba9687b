import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { toBackupError } from '../../../connections/backup/errors.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import type { RunningTool } from './tool-process.ts'

/** What is left free on the disk of temporary files. */
const SPARE_BYTES = 64 * 1024 * 1024

export interface DumpIdentity {
  key: string
  sha256: string
  bytes: number
  plainBytes: number | null
}

/** A dump whose hash was checked once. Every reading checks it again, because a store may answer differently the next time. */
export interface DumpSource {
  /** A private copy on this machine; null where it would not fit. */
  readonly path: string | null
  /** Fails at the end when the bytes are not those of the record. */
  read(onBytes?: (bytes: number) => void): AsyncGenerator<Buffer>
}

interface Fetch {
  store: Pick<BackupStore, 'get'>
  dump: DumpIdentity
  /** Where the copy goes; without it nothing is copied. */
  folder?: string
  signal: AbortSignal
  onBytes?: (bytes: number) => void
}

/**
 * Reads the dump once and checks its length and hash before anything uses it; keeps a copy where a folder is given and has space.
 * @throws AppError CONFLICT `{ reason: 'archive-damaged' }`
 */
export async function fetchDump({ store, dump, folder, signal, onBytes }: Fetch): Promise<DumpSource> {
  const fromStore = async () => await store.get(dump.key, signal)
  const path = folder !== undefined && (await hasSpace(folder, dump.bytes)) ? join(folder, 'dump') : null
  const bytes = hashed(await fromStore(), dump, onBytes)
  if (path === null) {
    for await (const _ of bytes) throwIfCancelled(signal)
  } else {
    const file = await open(path, 'wx', 0o600)
    try {
      for await (const chunk of bytes) {
        throwIfCancelled(signal)
        await file.write(chunk)
      }
    } catch (error) {
      throw toBackupError(error, { isCancelled: signal.aborted })
    } finally {
      await file.close()
    }
  }
  return {
    path,
    read: async function* (report) {
      yield* hashed(path === null ? await fromStore() : createReadStream(path), dump, report)
    },
  }
}

async function* hashed(
  source: Readable,
  dump: DumpIdentity,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const part of source) {
    const chunk = part as Buffer
    bytes += chunk.byteLength
    if (bytes > dump.bytes) break
    hash.update(chunk)
    onBytes?.(bytes)
    yield chunk
  }
  if (bytes !== dump.bytes)
    throw damagedDump(`it has ${bytes > dump.bytes ? 'more' : 'fewer'} bytes than its record says`)
  if (hash.digest('hex') !== dump.sha256) throw damagedDump('its hash is not the one of its record')
}

export const damagedDump = (why: string, cause?: unknown): AppError =>
  new AppError('CONFLICT', `The dump is damaged: ${why}.`, {
    hint: 'Use another dump. This one is kept for examination until it is deleted.',
    details: { reason: 'archive-damaged' },
    cause,
  })

/** Never more than the record says: a small file can unpack to more than any memory or disk. */
export async function* unpacked(source: AsyncIterable<Buffer>, plainBytes: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const feeding = pipeline(source, gunzip).catch((error: unknown) => {
    gunzip.destroy(error instanceof AppError ? error : damagedDump('it cannot be unpacked', error))
  })
  let bytes = 0
  for await (const part of gunzip) {
    const chunk = part as Buffer
    bytes += chunk.byteLength
    if (bytes > plainBytes) throw damagedDump('it unpacks to more than its record says')
    yield chunk
  }
  await feeding
  if (bytes !== plainBytes) throw damagedDump('it unpacks to less than its record says')
}

/**
 * Gives the source to a tool and waits for both. Where both fail the cause counts: the source's own error, or the tool's when it ended
 * first and would not read on.
 */
export async function feed(tool: RunningTool, source: AsyncIterable<Buffer>): Promise<void> {
  tool.stdout.resume()
  let sourceFailure: unknown
  // Only what the source itself throws: a broken pipe is thrown into this generator at its yield.
  const guarded = async function* () {
    const iterator = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          sourceFailure = error
          throw error
        })
        if (next.done === true) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const input = Readable.from(guarded(), { objectMode: false })
  const feeding = pipeline(input, tool.stdin).catch(() => {
    if (sourceFailure !== undefined) tool.stop()
  })
  tool.ended.catch(() => input.destroy())
  const [ended] = await Promise.allSettled([tool.ended, feeding])
  const isCancelled =
    ended.status === 'rejected' && ended.reason instanceof AppError && ended.reason.code === 'CANCELLED'
  if (sourceFailure !== undefined && !isCancelled) throw sourceFailure
  if (ended.status === 'rejected') throw ended.reason
}

async function hasSpace(folder: string, bytes: number): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize > bytes + SPARE_BYTES
}
