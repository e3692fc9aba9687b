import { Transform } from 'node:stream'
import { decodeField, encodeField, FIELD_LIMIT } from '../archive/copy-text.ts'
import { maskRuleOf, pseudonyms } from './mask-rules.ts'

const TAB = 0x09
const NEWLINE = 0x0a

/**
 * Replaces personal fields in COPY text on its way, in chunks of any size; undefined for a table without such columns. Other fields pass
 * as they are, whatever their length; of a masked field no more than 64 KiB is ever held. NULL stays NULL.
 */
export function maskCopy(columns: readonly string[], key: Buffer): Transform | undefined {
  const rules = columns.map(maskRuleOf)
  if (rules.every(rule => rule === undefined)) return undefined
  const pseudonym = pseudonyms(key)
  const held = Buffer.allocUnsafe(FIELD_LIMIT)
  let length = 0
  let field = 0

  const masked = (): string => {
    const rule = rules[field]
    const isLong = length > FIELD_LIMIT
    const value = isLong ? null : decodeField(held, 0, length)
    length = 0
    if (value === null && !isLong) return encodeField(null)
    return encodeField(rule?.(value, kind => pseudonym(value, kind)) ?? null)
  }

  const hold = (chunk: Buffer, start: number, end: number): void => {
    const room = FIELD_LIMIT - length
    if (room > 0) chunk.copy(held, length, start, Math.min(end, start + room))
    length += end - start
  }

  const mask = (chunk: Buffer): Buffer => {
    const parts: Buffer[] = []
    let kept = 0
    let position = 0
    while (position < chunk.length) {
      const end = endOfField(chunk, position)
      if (rules[field] !== undefined) {
        if (kept < position) parts.push(chunk.subarray(kept, position))
        hold(chunk, position, end)
        kept = end
      }
      if (end === chunk.length) break
      if (rules[field] !== undefined) parts.push(Buffer.from(masked()))
      field = chunk[end] === NEWLINE ? 0 : field + 1
      position = end + 1
    }
    if (kept < chunk.length) parts.push(chunk.subarray(kept))
    return Buffer.concat(parts)
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, mask(chunk))
    },
  })
}

/** Where the field ends that this position is in: inside values both characters are written as escapes. */
function endOfField(chunk: Buffer, from: number): number {
  for (let position = from; position < chunk.length; position++) {
    const byte = chunk[position]
    if (byte === TAB || byte === NEWLINE) return position
  }
  return chunk.length
}
