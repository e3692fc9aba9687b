import { pipeline, Readable } from 'node:stream'
import { constants, createZstdDecompress } from 'node:zlib'
import { AppError, isAppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { toBackupError } from '../../../connections/backup/errors.ts'
import { cancelled } from '../../../connections/deadline.ts'
import { MANIFEST_NAME, parseArchivePrefix } from './layout.ts'
import { type ArchivedTable, damaged, MANIFEST_LIMIT_BYTES, type Manifest, parseManifest } from './manifest.ts'
import { CheckedBytes, checkManifest } from './reader-checks.ts'
import { type ObjectsReport, type VerifyProgress, verifyObjects } from './reader-verify.ts'

/** Largest `schema.sql` that is read; it is held in memory whole. */
export const SCHEMA_LIMIT_BYTES = 64 * 1024 * 1024
/** Memory that a hostile frame may ask of the decompressor: 2^25 bytes. Level 3 asks for 2^21. */
const WINDOW_LOG_MAX = 25
const CHUNK_BYTES = 256 * 1024

/** An archive that is read where it lies. Its manifest has been checked; everything else is checked while it is read. */
export interface Archive {
  readonly store: BackupStore
  readonly prefix: string
  readonly manifest: Manifest
  /** Rejects with NOT_FOUND. */
  table(name: string): ArchivedTable
  schemaSql(signal: AbortSignal): Promise<string>
  /**
   * COPY text of one table. The hashes are known at its end only: whoever acts on the rows must wait for `end`, and give up on
   * `error`. Nothing is opened before the first read; destroying it frees everything.
   */
  copyText(table: ArchivedTable, signal: AbortSignal): Readable
  /** Reads every object once. Rejects only where the store fails; what is wrong with the archive is in the report. */
  verifyObjects(signal: AbortSignal, onProgress?: VerifyProgress): Promise<ObjectsReport>
}

/**
 * @throws AppError NOT_FOUND without a manifest, CONFLICT with `{ reason: 'archive-damaged' }`, UNSUPPORTED for newer formats,
 * INVALID_INPUT for what is no archive's prefix
 */
export async function openArchive(store: BackupStore, prefix: string, signal: AbortSignal): Promise<Archive> {
  const { schema } = parseArchivePrefix(prefix)
  const manifest = parseManifest(await readManifest(store, prefix, signal))
  checkManifest(manifest, schema)
  const tables = new Map(manifest.tables.map(table => [table.name, table]))
  const archive: Archive = {
    store,
    prefix,
    manifest,
    table: name => {
      const table = tables.get(name)
      if (table === undefined) throw new AppError('NOT_FOUND', `The archive has no table ${name}.`)
      return table
    },
    schemaSql: ownSignal => readSchema(archive, ownSignal),
    copyText: (table, ownSignal) =>
      Readable.from(copyText(archive, table, ownSignal), { objectMode: false, highWaterMark: CHUNK_BYTES }),
    verifyObjects: (ownSignal, onProgress) => verifyObjects(archive, ownSignal, onProgress),
  }
  return archive
}

async function readManifest(store: BackupStore, prefix: string, signal: AbortSignal): Promise<string> {
  const stored = await store.get(`${prefix}${MANIFEST_NAME}`, signal).catch((error: unknown) => {
    if (!isAppError(error) || error.code !== 'NOT_FOUND') throw error
    throw new AppError('NOT_FOUND', 'There is no whole archive at this place.', {
      hint: 'Its backup did not end, or it was deleted. Choose another archive.',
      cause: error,
    })
  })
  return await textOf(stored, { most: MANIFEST_LIMIT_BYTES, what: 'its manifest' })
}

async function readSchema(archive: Archive, signal: AbortSignal): Promise<string> {
  const { object } = archive.manifest.schema
  if (object.bytes > SCHEMA_LIMIT_BYTES) throw damaged(`${object.name} is larger than any definitions are`)
  const stored = await openObject(archive, object.name, signal)
  const checked = new CheckedBytes(object, object.name)
  pipeline(stored, checked, () => undefined)
  return await textOf(checked, { most: SCHEMA_LIMIT_BYTES, what: object.name })
}

async function textOf(stream: Readable, { most, what }: { most: number; what: string }): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > most) throw damaged(`${what} is larger than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** A missing object is a damage: the manifest was written after all others. */
async function openObject(archive: Archive, name: string, signal: AbortSignal): Promise<Readable> {
  try {
    return await archive.store.get(`${archive.prefix}${name}`, signal)
  } catch (error) {
    if (isAppError(error) && error.code === 'NOT_FOUND') throw damaged(`${name} is missing`, error)
    throw error
  }
}

async function* copyText(archive: Archive, table: ArchivedTable, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { object } = table
  if (object === null) return
  const stored = await openObject(archive, object.name, signal)
  const text = new CheckedBytes(table, `the text of table "${table.name}"`)
  const decompress = createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
  })
  let failure: AppError | undefined
  decompress.on('error', error => {
    failure ??= isAppError(error) ? error : damaged(`the data of table "${table.name}" cannot be decompressed`, error)
  })
  const onAbort = () => text.destroy(cancelled())
  signal.addEventListener('abort', onAbort, { once: true })
  pipeline(stored, new CheckedBytes(object, `the object of table "${table.name}"`), decompress, text, () => undefined)
  try {
    if (signal.aborted) throw cancelled()
    yield* text as AsyncIterable<Buffer>
  } catch (error) {
    throw signal.aborted ? cancelled(error) : (failure ?? toBackupError(error))
  } finally {
    signal.removeEventListener('abort', onAbort)
    text.destroy()
  }
}
