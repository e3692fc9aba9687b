/**
 * Values of COPY text format, https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS: `\N` is NULL, and a
 * backslash stands before what could be read as a delimiter.
 */

const BACKSLASH = 0x5c
const CAPITAL_N = 0x4e
const SMALL_X = 0x78
/** Longest escape: `\x` with two digits, or a backslash with three. */
const ESCAPE_BYTES = 4

const CONTROL: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x76, 0x0b],
])

const ESCAPED = /[\b\f\n\r\t\v\\]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** As COPY TO writes it, byte for byte: one value has one form, so forms can be compared instead of values. */
export const encodeField = (value: string | null): string =>
  value === null ? '\\N' : value.replace(ESCAPED, character => ESCAPES[character] ?? character)

/** With the newline at its end. */
export const encodeRow = (values: readonly (string | null)[]): string => `${values.map(encodeField).join('\t')}\n`

export function decodeField(buffer: Buffer, start: number, end: number): string | null {
  if (isNull(buffer, start, end)) return null
  const text = buffer.toString('utf8', start, end)
  if (!text.includes('\\')) return text
  return unescapeBytes(buffer.subarray(start, end), true).bytes.toString('utf8')
}

export const isNull = (buffer: Buffer, start: number, end: number): boolean =>
  end - start === 2 && buffer[start] === BACKSLASH && buffer[start + 1] === CAPITAL_N

/**
 * Takes the escapes out of a piece of a value. A piece that is not the last may end within an escape: `consumed` then stops before
 * it. Works on bytes because `\xC3\xA9` are two bytes of one character.
 */
export function unescapeBytes(source: Buffer, isLast: boolean): { bytes: Buffer; consumed: number } {
  if (!source.includes(BACKSLASH)) return { bytes: source, consumed: source.length }
  const bytes = Buffer.allocUnsafe(source.length)
  let written = 0
  let position = 0
  while (position < source.length) {
    const found = source.indexOf(BACKSLASH, position)
    const plainEnd = found === -1 ? source.length : found
    written += source.copy(bytes, written, position, plainEnd)
    position = plainEnd
    if (found === -1) break
    if (!isLast && source.length - position < ESCAPE_BYTES) break
    const { byte, length } = readEscape(source, position)
    bytes[written++] = byte
    position += length
  }
  return { bytes: bytes.subarray(0, written), consumed: position }
}

function readEscape(source: Buffer, at: number): { byte: number; length: number } {
  const kind = source[at + 1]
  if (kind === undefined) return { byte: BACKSLASH, length: 1 }
  const control = CONTROL.get(kind)
  if (control !== undefined) return { byte: control, length: 2 }
  if (kind === SMALL_X) {
    const digits = countDigits(source, { from: at + 2, most: 2, isDigit: isHex })
    if (digits > 0) {
      return { byte: Number.parseInt(source.toString('latin1', at + 2, at + 2 + digits), 16), length: 2 + digits }
    }
  }
  const digits = countDigits(source, { from: at + 1, most: 3, isDigit: isOctal })
  if (digits > 0) {
    const value = Number.parseInt(source.toString('latin1', at + 1, at + 1 + digits), 8)
    return { byte: value & 0xff, length: 1 + digits }
  }
  return { byte: kind, length: 2 }
}

interface DigitRun {
  from: number
  most: number
  isDigit: (byte: number) => boolean
}

function countDigits(source: Buffer, { from, most, isDigit }: DigitRun): number {
  let count = 0
  while (count < most && from + count < source.length && isDigit(source[from + count] ?? 0)) count++
  return count
}

const isOctal = (byte: number): boolean => byte >= 0x30 && byte <= 0x37
const isHex = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
