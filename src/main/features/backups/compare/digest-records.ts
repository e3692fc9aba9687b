import { hash } from 'node:crypto'
import { fieldEnd, fieldStart, type RowView } from '../archive/copy-text.ts'

/**
 * What is kept of a row to compare it: the first 16 bytes of SHA-256 of its key and of its text, and its place among the rows of its
 * side. Nobody can make two rows that look equal here, and no value can be read back.
 */
export const RECORD_BYTES = 40
export const DIGEST_BYTES = 16
export const ROW_AT = 16
export const ORDINAL_AT = 32

const TAB = 0x09

/** A digest as text of one character a byte. */
export type Digest = string

/** Digest of some fields of a row in a given order, over their COPY text: equal values have equal text. */
export type DigestRow = (row: RowView) => Digest

const digestOf = (bytes: Buffer): Digest => hash('sha256', bytes, 'binary')

/** `fields` are positions in the row; `width` is how many it has. */
export function digester(fields: readonly number[], width: number): DigestRow {
  const isWhole = fields.length === width && fields.every((field, index) => field === index)
  if (isWhole) return row => digestOf(row.buffer.subarray(row.start, row.end))
  const [only] = fields
  if (fields.length === 1 && only !== undefined) {
    return row => digestOf(row.buffer.subarray(fieldStart(row, only), fieldEnd(row, only)))
  }
  let scratch = Buffer.allocUnsafeSlow(4096)
  return row => {
    const most = row.end - row.start + fields.length + 1
    if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most * 2)
    let length = 0
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as number
      if (index > 0) scratch[length++] = TAB
      length += row.buffer.copy(scratch, length, fieldStart(row, field), fieldEnd(row, field))
    }
    return digestOf(scratch.subarray(0, length))
  }
}
