import { createHash, type Hash } from 'node:crypto'
import { unescapeBytes } from './copy-text-values.ts'

/** Bytes of COPY text that a field may have to be collected; a longer one is hashed as it passes. */
export const FIELD_LIMIT = 64 * 1024
/** Characters of a long value that are kept to be shown. */
export const PREVIEW_CHARACTERS = 2_000
const PREVIEW_BYTES = PREVIEW_CHARACTERS * 4
const TAB = 0x09

/** A value that was not collected. */
export interface LongValue {
  preview: string
  /** Of the whole value, without escapes. */
  bytes: number
  /** Of the whole value, without escapes; hexadecimal. */
  sha256: string
}

export interface CollectedRow {
  /** The row's text, with a mark that holds the hash in the place of each long field. */
  buffer: Buffer
  ends: number[]
  long: ReadonlyMap<number, LongValue>
}

/** Cuts after whole characters. */
export function firstCharacters(text: string, most: number): string {
  if (text.length <= most) return text
  let units = 0
  for (let count = 0; count < most && units < text.length; count++)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, units)
}

/** Collects one row piece by piece; memory is bounded by FIELD_LIMIT times the columns. */
export class RowCollector {
  private readonly fields: Buffer[] = []
  private readonly long = new Map<number, LongValue>()
  private parts: Buffer[] = []
  private partBytes = 0
  private hashing: FieldHash | undefined

  feed(bytes: Buffer): void {
    let position = 0
    while (position < bytes.length) {
      const tab = bytes.indexOf(TAB, position)
      this.append(bytes.subarray(position, tab === -1 ? bytes.length : tab))
      if (tab === -1) return
      this.endField()
      position = tab + 1
    }
  }

  end(): CollectedRow {
    this.endField()
    const ends: number[] = []
    const pieces: Buffer[] = []
    let position = 0
    for (const field of this.fields) {
      position += field.length
      ends.push(position)
      pieces.push(field, Buffer.from([TAB]))
      position++
    }
    return { buffer: Buffer.concat(pieces), ends, long: this.long }
  }

  private append(bytes: Buffer): void {
    if (this.hashing !== undefined) {
      this.hashing.feed(bytes)
      return
    }
    // A copy: the piece would hold the whole chunk that it came in.
    this.parts.push(Buffer.from(bytes))
    this.partBytes += bytes.length
    if (this.partBytes <= FIELD_LIMIT) return
    this.hashing = new FieldHash()
    for (const part of this.parts) this.hashing.feed(part)
    this.parts = []
  }

  private endField(): void {
    const value = this.hashing?.end()
    if (value === undefined) this.fields.push(Buffer.concat(this.parts))
    else {
      this.long.set(this.fields.length, value)
      // PostgreSQL's text holds no zero byte: a mark is never mistaken for a value.
      this.fields.push(Buffer.from(`\0${value.sha256}`))
    }
    this.hashing = undefined
    this.parts = []
    this.partBytes = 0
  }
}

class FieldHash {
  private readonly hash: Hash = createHash('sha256')
  private bytes = 0
  private readonly preview: Buffer[] = []
  private previewBytes = 0
  /** The beginning of an escape that the next piece ends. */
  private tail = Buffer.alloc(0)

  feed(piece: Buffer, isLast = false): void {
    const source = this.tail.length === 0 ? piece : Buffer.concat([this.tail, piece])
    const { bytes, consumed } = unescapeBytes(source, isLast)
    this.tail = Buffer.from(source.subarray(consumed))
    this.hash.update(bytes)
    this.bytes += bytes.length
    if (this.previewBytes >= PREVIEW_BYTES) return
    this.preview.push(Buffer.from(bytes.subarray(0, PREVIEW_BYTES - this.previewBytes)))
    this.previewBytes += bytes.length
  }

  end(): LongValue {
    this.feed(Buffer.alloc(0), true)
    return {
      preview: firstCharacters(Buffer.concat(this.preview).toString('utf8'), PREVIEW_CHARACTERS),
      bytes: this.bytes,
      sha256: this.hash.digest('hex'),
    }
  }
}
