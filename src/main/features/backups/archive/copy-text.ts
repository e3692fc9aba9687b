import { FIELD_LIMIT, type LongValue, RowCollector } from './copy-text-long.ts'
import { decodeField } from './copy-text-values.ts'

export { FIELD_LIMIT, type LongValue } from './copy-text-long.ts'
export { decodeField, encodeField, encodeRow } from './copy-text-values.ts'

const TAB = 0x09
const NEWLINE = 0x0a
const EMPTY = Buffer.alloc(0)

/** The row a scanner stands on, still as COPY text. It is the same object for every row: read it before the next one. */
export interface RowView {
  buffer: Buffer
  /** Where the row's text begins and ends, without its newline. */
  start: number
  end: number
  /** Where each of the first `fields` fields ends. */
  ends: Int32Array
  fields: number
  /** Fields too long to be collected, by position; the text holds a mark with their hash instead. */
  long: ReadonlyMap<number, LongValue> | undefined
}

/** A field too long to be collected is its preview, size and hash. */
export type FieldValue = string | null | LongValue

export const fieldStart = (row: RowView, field: number): number =>
  field === 0 ? row.start : (row.ends[field - 1] as number) + 1

export const fieldEnd = (row: RowView, field: number): number => row.ends[field] as number

export const readField = (row: RowView, field: number): FieldValue =>
  row.long?.get(field) ?? decodeField(row.buffer, fieldStart(row, field), fieldEnd(row, field))

export function readRow(row: RowView): FieldValue[] {
  return Array.from({ length: row.fields }, (_, field) => readField(row, field))
}

/**
 * Finds rows and fields in what COPY TO STDOUT wrote, in chunks of any size. Nothing is decoded until it is asked for.
 *
 * Use: `push` a chunk, then `next` until it is false, and so on; `finish` at the end.
 */
export class CopyScanner {
  readonly row: RowView = { buffer: EMPTY, start: 0, end: 0, ends: new Int32Array(32), fields: 0, long: undefined }
  /** Rows found until now. */
  rows = 0
  private chunk: Buffer = EMPTY
  private position = 0
  /** Beginning of a row that the next chunk continues. */
  private readonly carry = Buffer.allocUnsafe(FIELD_LIMIT)
  private carried = 0
  /** In its place once that would be too large. */
  private collector: RowCollector | undefined

  push(chunk: Uint8Array): void {
    this.chunk = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.position = 0
  }

  /** Moves to the next row; false when the chunk holds no further one. */
  next(): boolean {
    if (this.carried === 0 && this.collector === undefined) return this.nextInside()
    const newline = this.chunk.indexOf(NEWLINE, this.position)
    const rest = this.chunk.subarray(this.position, newline === -1 ? this.chunk.length : newline)
    this.position += rest.length + 1
    this.keep(rest)
    if (newline === -1) return false
    if (this.collector !== undefined) this.take(this.collector)
    else this.takeCarried()
    return true
  }

  /** Whether the text ended with a whole row. */
  finish(): boolean {
    return this.carried === 0 && this.collector === undefined
  }

  private nextInside(): boolean {
    const start = this.position
    const end = this.scan(this.chunk, start)
    if (end === -1) {
      this.position = this.chunk.length
      this.keep(this.chunk.subarray(start))
      return false
    }
    this.position = end + 1
    if (end - start > FIELD_LIMIT && this.hasLongField()) {
      const collector = new RowCollector()
      collector.feed(this.chunk.subarray(start, end))
      this.rows--
      this.take(collector)
    }
    return true
  }

  /** The hot loop: at most two comparisons a byte. Sets the row; -1 when it does not end in the buffer. */
  private scan(buffer: Buffer, start: number): number {
    const row = this.row
    const length = buffer.length
    let ends = row.ends
    let fields = 0
    for (let index = start; index < length; index++) {
      const byte = buffer[index] as number
      if (byte > NEWLINE) continue
      if (byte !== TAB && byte !== NEWLINE) continue
      if (fields === ends.length) ends = this.grow()
      ends[fields++] = index
      if (byte === TAB) continue
      row.buffer = buffer
      row.start = start
      row.end = index
      row.fields = fields
      row.long = undefined
      this.rows++
      return index
    }
    return -1
  }

  private grow(): Int32Array {
    const larger = new Int32Array(this.row.ends.length * 2)
    larger.set(this.row.ends)
    this.row.ends = larger
    return larger
  }

  private hasLongField(): boolean {
    const { row } = this
    for (let field = 0; field < row.fields; field++) {
      if (fieldEnd(row, field) - fieldStart(row, field) > FIELD_LIMIT) return true
    }
    return false
  }

  private keep(bytes: Buffer): void {
    if (this.collector === undefined && this.carried + bytes.length <= FIELD_LIMIT) {
      this.carried += bytes.copy(this.carry, this.carried)
      return
    }
    if (this.collector === undefined) {
      this.collector = new RowCollector()
      this.collector.feed(this.carry.subarray(0, this.carried))
      this.carried = 0
    }
    this.collector.feed(bytes)
  }

  private takeCarried(): void {
    const text = Buffer.allocUnsafe(this.carried + 1)
    this.carry.copy(text, 0, 0, this.carried)
    text[this.carried] = NEWLINE
    this.carried = 0
    this.scan(text, 0)
  }

  private take(collector: RowCollector): void {
    this.collector = undefined
    const { buffer, ends, long } = collector.end()
    const { row } = this
    while (row.ends.length < ends.length) this.grow()
    row.ends.set(ends)
    row.buffer = buffer
    row.start = 0
    row.end = ends.at(-1) ?? 0
    row.fields = ends.length
    row.long = long
    this.rows++
  }
}

/** Calls back for every row. Resolves to the count of rows; rejects with the stream's error, or `onCut` when it ends inside a row. */
export async function forEachRow(
  text: AsyncIterable<Uint8Array>,
  onRow: (row: RowView) => void,
  onCut: () => Error,
): Promise<number> {
  const scanner = new CopyScanner()
  for await (const chunk of text) {
    scanner.push(chunk)
    while (scanner.next()) onRow(scanner.row)
  }
  if (!scanner.finish()) throw onCut()
  return scanner.rows
}
