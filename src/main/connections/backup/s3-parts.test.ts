import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MAXIMUM_PARTS, MEMORY_BYTES, PartBuffer, partBytes } from './s3-parts.ts'

const GIBIBYTE = 2 ** 30
const sizes = Array.from({ length: MAXIMUM_PARTS }, (_, index) => partBytes(index + 1))
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

describe('the parts of an upload', () => {
  test('hold 400 GB together, each at least as large as S3 wants', () => {
    expect(sum(sizes)).toBeGreaterThan(400e9)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5 * 2 ** 20)
  })
  test('never get smaller, and stay within the memory up to 80 GiB', () => {
    for (const [index, size] of sizes.entries()) expect(size).toBeGreaterThanOrEqual(sizes[index - 1] ?? 0)
    const small = sizes.filter(size => size <= MEMORY_BYTES)
    expect(sum(small)).toBeGreaterThan(80 * GIBIBYTE)
  })
  test('gather what comes in any pieces', () => {
    const bytes = randomBytes(300_000)
    const buffer = new PartBuffer(250_000)
    let rest: Uint8Array = buffer.take(bytes.subarray(0, 1))
    expect(rest.byteLength).toBe(0)
    rest = buffer.take(bytes.subarray(1, 100_000))
    expect(rest.byteLength).toBe(0)
    expect(buffer.isFull).toBe(false)
    rest = buffer.take(bytes.subarray(100_000))
    expect(buffer.isFull).toBe(true)
    expect(buffer.content.equals(bytes.subarray(0, 250_000))).toBe(true)
    expect(Buffer.from(rest).equals(bytes.subarray(250_000))).toBe(true)
    const next = new PartBuffer(250_000, buffer.memory)
    expect(next.content.byteLength).toBe(0)
    next.take(rest)
    expect(next.content.equals(bytes.subarray(250_000))).toBe(true)
    expect(next.memory).toBe(buffer.memory)
  })
})
