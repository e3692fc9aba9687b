import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { constants, createZstdCompress, zstdCompress, zstdCompressSync } from 'node:zlib'
import { cancelled } from '../../../connections/deadline.ts'
import { type CopySource, copyOut } from '../../../connections/postgres/copy.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import type { ShapeTable } from './catalog.ts'
import type { ArchivedTable } from './manifest.ts'

/** Level 3 is zstd's own choice. `nbWorkers` stays 0: Node's stream breaks with more (ERR_STREAM_PUSH_AFTER_EOF in 24). */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3 }, chunkSize: 256 * 1024 }
const compress = promisify(zstdCompress)
/** Text up to this size is compressed at one go, without a stream of its own. */
const ONE_PIECE_BYTES = 256 * 1024
/** Compressing so little takes less time than handing it to another thread. */
const SYNCHRONOUS_BYTES = 32 * 1024
/** Compressed tables up to this size are put as bytes: one request, and the next table is read meanwhile. */
const SMALL_OBJECT_BYTES = 1024 * 1024

/** Puts an object and resolves when it may rest: small ones go on in the background. */
export interface ObjectSink {
  bytes(name: string, body: Uint8Array): Promise<void>
  stream(name: string, body: Readable): Promise<void>
}

export interface TableWork {
  connection: Connection
  schema: string
  table: ShapeTable
  /** Of the object, under the archive's prefix. */
  objectName: string
  sink: ObjectSink
  /** Ends the reading at once, and with it the connection. */
  signal: AbortSignal
  /** Bytes of COPY text since the last call. */
  onBytes: (bytes: number) => void
}

/** Reads one table in the connection's transaction and stores it, with memory that does not depend on its size. */
export async function writeTable(work: TableWork): Promise<ArchivedTable> {
  const { connection, schema, table } = work
  const source = copyOut(connection, copyText(schema, table))
  const onAbort = () => source.destroy(cancelled())
  work.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const meter = new Meter(work.onBytes)
    const object = await storeText(source, meter, work)
    const rows = await source.done
    const { name, columns } = table
    return { name, columns, rows, ...meter.result(), object }
  } finally {
    work.signal.removeEventListener('abort', onAbort)
    source.destroy()
    // The connection may be lent on only when the server has answered, or is gone.
    await source.done.catch(() => undefined)
  }
}

export function copyText(schema: string, { name, columns, hasGenerated }: ShapeTable): string {
  const list = hasGenerated ? ` (${columns.map(column => quoteIdentifier(column.name)).join(', ')})` : ''
  return `COPY ${quoteQualified(schema, name)}${list} TO STDOUT`
}

/** Counts and hashes what passes. */
class Meter {
  private readonly hash = createHash('sha256')
  private readonly onBytes: ((bytes: number) => void) | undefined
  private total = 0

  constructor(onBytes?: (bytes: number) => void) {
    this.onBytes = onBytes
  }

  pass(piece: Buffer): Buffer {
    this.hash.update(piece)
    this.total += piece.length
    this.onBytes?.(piece.length)
    return piece
  }

  result(): { bytes: number; sha256: string } {
    return { bytes: this.total, sha256: this.hash.digest('hex') }
  }
}

async function storeText(source: CopySource, text: Meter, work: TableWork): Promise<ArchivedTable['object']> {
  const pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const head = await take(pieces, ONE_PIECE_BYTES)
  for (const piece of head.pieces) text.pass(piece)
  if (!head.isAll) return await storeStream(rest(head.pieces, pieces, text), work)
  const whole = Buffer.concat(head.pieces)
  if (whole.length === 0) return null
  const stored = whole.length <= SYNCHRONOUS_BYTES ? zstdCompressSync(whole, ZSTD) : await compress(whole, ZSTD)
  return await storeBytes([stored], work)
}

async function storeBytes(
  stored: readonly Buffer[],
  { sink, objectName }: TableWork,
): Promise<ArchivedTable['object']> {
  const [only] = stored
  const body = stored.length === 1 && only !== undefined ? only : Buffer.concat(stored)
  const meter = new Meter()
  meter.pass(body)
  await sink.bytes(objectName, body)
  return { name: objectName, ...meter.result() }
}

/** What was taken already, not metered again, and then what follows. */
async function* rest(taken: readonly Buffer[], pieces: AsyncIterator<Buffer>, meter: Meter): AsyncGenerator<Buffer> {
  yield* taken
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield meter.pass(next.value)
}

async function storeStream(text: AsyncGenerator<Buffer>, work: TableWork): Promise<ArchivedTable['object']> {
  const zstd = createZstdCompress(ZSTD)
  const compressing = pipeline(text, zstd)
  // Told below, through what reads the compressed side.
  compressing.catch(() => undefined)
  try {
    const pieces = zstd[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const head = await take(pieces, SMALL_OBJECT_BYTES)
    if (head.isAll) {
      await compressing
      return await storeBytes(head.pieces, work)
    }
    const meter = new Meter()
    for (const piece of head.pieces) meter.pass(piece)
    const body = Readable.from(rest(head.pieces, pieces, meter), { objectMode: false, highWaterMark: ZSTD.chunkSize })
    // A store that gives up destroys it; its put tells why.
    body.on('error', () => undefined)
    await Promise.all([compressing, work.sink.stream(work.objectName, body)])
    return { name: work.objectName, ...meter.result() }
  } finally {
    zstd.destroy()
    await compressing.catch(() => undefined)
  }
}

/** Pieces up to a size, and whether they were all. */
async function take(pieces: AsyncIterator<Buffer>, limit: number): Promise<{ pieces: Buffer[]; isAll: boolean }> {
  const taken: Buffer[] = []
  for (let size = 0; size <= limit; ) {
    const next = await pieces.next()
    if (next.done === true) return { pieces: taken, isAll: true }
    taken.push(next.value)
    size += next.value.length
  }
  return { pieces: taken, isAll: false }
}
