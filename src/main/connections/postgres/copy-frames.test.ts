import { describe, expect, it } from 'vitest'
import { CopyFrames } from './copy-frames.ts'

const frame = (type: string, payload: Buffer): Buffer => {
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeInt32BE(payload.length + 4, 1)
  return Buffer.concat([header, payload])
}
const row = (text: string) => frame('d', Buffer.from(text))

/** Reads the wire in chunks of one size, and everything after `Z` as somebody else's. */
function read(wire: Buffer, chunkBytes: number): { data: string; other: string; pieces: number } {
  const data: Buffer[] = []
  const other: Buffer[] = []
  let isOver = false
  const frames = new CopyFrames({
    data: text => data.push(text),
    other: bytes => {
      if (bytes.includes('Z')) isOver = true
      other.push(Buffer.from(bytes))
    },
    isOver: () => isOver,
  })
  for (let at = 0; at < wire.length; at += chunkBytes) {
    // As a socket does: memory that is used again.
    const chunk = Buffer.from(wire.subarray(at, at + chunkBytes))
    frames.feed(chunk)
    chunk.fill('#')
  }
  return {
    data: Buffer.concat(data).toString(),
    other: Buffer.concat(other).toString('latin1'),
    pieces: data.length,
  }
}

describe('frames of COPY TO STDOUT', () => {
  const opening = frame('H', Buffer.from([0, 0, 0]))
  const notice = frame('N', Buffer.from('careful'))
  const ending = Buffer.concat([
    frame('c', Buffer.alloc(0)),
    frame('C', Buffer.from('COPY 4\0')),
    frame('Z', Buffer.from('I')),
  ])
  const long = 'x'.repeat(70_000)
  const rows = ['1\ta\n', '', `2\t${long}\n`, '3\t\\N\n', `4\t${'y'.repeat(40)}\n`]
  const wire = Buffer.concat([opening, row(rows[0] ?? ''), row(''), notice, ...rows.slice(2).map(row), ending])
  const expected = { data: rows.join(''), other: Buffer.concat([opening, notice, ending]).toString('latin1') }

  it.each([1, 2, 3, 4, 5, 6, 7, 64, 1_000, 65_536, wire.length])('are read whole in chunks of %i bytes', size => {
    const found = read(wire, size)
    expect(found.data === expected.data).toBe(true)
    expect(found.other).toBe(expected.other)
  })

  it('are read whole wherever one cut lies', () => {
    const short = Buffer.concat([opening, row('1\ta\n'), notice, row('2\tb\n'), ending])
    for (let cut = 1; cut < short.length; cut++) {
      const data: string[] = []
      const frames = new CopyFrames({ data: text => data.push(text.toString()), other: () => 0, isOver: () => false })
      frames.feed(Buffer.from(short.subarray(0, cut)))
      frames.feed(Buffer.from(short.subarray(cut)))
      expect(data.join('')).toBe('1\ta\n2\tb\n')
    }
  })

  it('become pieces of a quarter of a megabyte, whatever the rows are', () => {
    const many = Buffer.concat([opening, ...Array.from({ length: 100_000 }, (_, index) => row(`${index}\n`)), ending])
    const found = read(many, 65_536)
    expect(found.pieces).toBe(Math.ceil(found.data.length / (256 * 1024)))
  })

  it('are refused when they are none', () => {
    const frames = new CopyFrames({ data: () => 0, other: () => 0, isOver: () => false })
    expect(() => frames.feed(Buffer.from('d\0\0\0\0'))).toThrow(RangeError)
  })
})
