import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CopyScanner, decodeField, encodeRow, FIELD_LIMIT, type FieldValue, readRow } from './copy-text.ts'
import { firstCharacters } from './copy-text-long.ts'

function parse(text: Buffer, cuts: readonly number[] = []): { rows: FieldValue[][]; isWhole: boolean; count: number } {
  const scanner = new CopyScanner()
  const rows: FieldValue[][] = []
  const edges = [0, ...[...cuts].map(cut => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
  for (let index = 1; index < edges.length; index++) {
    // A copy, as a socket gives it: what lies outside the chunk must not be looked at.
    scanner.push(Buffer.from(text.subarray(edges[index - 1], edges[index])))
    while (scanner.next()) rows.push(readRow(scanner.row))
  }
  return { rows, isWhole: scanner.finish(), count: scanner.rows }
}

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\b', '\f', '\v', '.', 'x', '0', '7', 'é', '𝄞', '') }),
  fc.constantFrom('\\N', '\\.', '', '\\', 'NULL', '\\x41', '\\101'),
)
const rowsOf = fc
  .integer({ min: 1, max: 40 })
  .chain(width => fc.array(fc.array(fc.option(hostile), { minLength: width, maxLength: width }), { maxLength: 12 }))

describe('COPY text', () => {
  it('gives back what was written, however it is cut', () => {
    fc.assert(
      fc.property(rowsOf, fc.array(fc.nat(), { maxLength: 30 }), (rows, cuts) => {
        const parsed = parse(Buffer.from(rows.map(encodeRow).join('')), cuts)
        expect(parsed).toEqual({ rows, isWhole: true, count: rows.length })
      }),
      { numRuns: 400 },
    )
  })

  it('gives the same rows for every place of a cut, inside long values too', () => {
    const value = `\\x\t${'é\\\n'.repeat(FIELD_LIMIT / 3)}`
    const rows = [
      ['1', value, null],
      ['2', 'short', 'last'],
    ]
    const text = Buffer.from(rows.map(encodeRow).join(''))
    const whole = parse(text)
    const long = whole.rows[0]?.[1]
    expect(long).toEqual({
      preview: firstCharacters(value, 2_000),
      bytes: Buffer.byteLength(value),
      sha256: createHash('sha256').update(value).digest('hex'),
    })
    expect(whole.rows[1]).toEqual(rows[1])
    for (let cut = 0; cut < text.length; cut += 977) expect(parse(text, [cut, cut + 1, cut + 5])).toEqual(whole)
  })

  it('collects a field at the limit and no longer one', () => {
    const at = parse(Buffer.from(encodeRow(['a'.repeat(FIELD_LIMIT), 'b'])), [10])
    const over = parse(Buffer.from(encodeRow(['a'.repeat(FIELD_LIMIT + 1), 'b'])), [10])
    expect(at.rows).toEqual([['a'.repeat(FIELD_LIMIT), 'b']])
    expect(over.rows).toMatchObject([[{ bytes: FIELD_LIMIT + 1 }, 'b']])
    expect(parse(Buffer.from(encodeRow(['b', 'a'.repeat(FIELD_LIMIT + 1)]))).rows).toMatchObject([
      ['b', { bytes: FIELD_LIMIT + 1 }],
    ])
  })

  it('holds little memory for a value of any length', () => {
    const scanner = new CopyScanner()
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const before = process.memoryUsage()
    for (let index = 0; index < 200; index++) {
      scanner.push(piece)
      expect(scanner.next()).toBe(false)
    }
    scanner.push(Buffer.from('\tkey\n'))
    expect(scanner.next()).toBe(true)
    expect(readRow(scanner.row)).toMatchObject([{ bytes: 200 * 1024 * 1024 }, 'key'])
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(50 * 1024 * 1024)
  })

  it.each([
    ['\\b\\f\\n\\r\\t\\v', '\b\f\n\r\t\v'],
    ['\\303\\251', 'é'],
    ['\\xC3\\xa9', 'é'],
    ['\\x4', '\x04'],
    ['\\xz', 'xz'],
    ['\\1012', 'A2'],
    ['\\q\\\\N', 'q\\N'],
    ['\\', '\\'],
    ['\\N ', 'N '],
  ])('reads the escapes %s', (text, value) => {
    expect(decodeField(Buffer.from(text), 0, Buffer.byteLength(text))).toBe(value)
  })

  it('tells a text that ends inside a row', () => {
    expect(parse(Buffer.from('a\tb')).isWhole).toBe(false)
    expect(parse(Buffer.alloc(FIELD_LIMIT * 2, 'a')).isWhole).toBe(false)
    expect(parse(Buffer.alloc(0))).toEqual({ rows: [], isWhole: true, count: 0 })
  })
})
