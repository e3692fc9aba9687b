import { hash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DifferenceList, LISTED_ROWS, pairsOf } from './difference-list.ts'
import { joinSides } from './join.ts'
import { Partitions } from './partitions.ts'

const never = new AbortController().signal
const digest = (text: string): string => hash('sha256', text, 'binary')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-join-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Row {
  key: string
  value: string
}

async function joined(left: readonly Row[], right: readonly Row[], count: number) {
  const sides = await Promise.all(
    [left, right].map(async (rows, index) => {
      const side = new Partitions(join(folder, `side-${index}`), count)
      for (const [place, { key, value }] of rows.entries()) {
        side.add(digest(key), digest(value))
        if (place % 1000 === 0) await side.settle()
      }
      await side.settle()
      return side
    }),
  )
  const [a, b] = sides
  if (a === undefined || b === undefined) throw new Error('No sides')
  const files = await readdir(folder)
  const found = await joinSides(a, b, never)
  await Promise.all([a.remove(), b.remove()])
  const listOf = (list: DifferenceList) => pairsOf(list.toBytes())
  return { onlyLeft: listOf(found.onlyLeft), onlyRight: listOf(found.onlyRight), changed: listOf(found.changed), files }
}

const own = (ordinal: number) => ({ own: ordinal, partner: 0 })

describe('joining two sides', () => {
  const keyed = fc.uniqueArray(fc.record({ key: fc.nat(40).map(String), value: fc.nat(2).map(String) }), {
    selector: row => row.key,
    maxLength: 40,
  })

  it('finds what a plain comparison finds, by key', async () => {
    await fc.assert(
      fc.asyncProperty(keyed, keyed, fc.integer({ min: 1, max: 5 }), async (left, right, count) => {
        const found = await joined(left, right, count)
        const placeIn = (rows: readonly Row[], key: string) => rows.findIndex(row => row.key === key)
        const missing = (rows: readonly Row[], others: readonly Row[]) =>
          rows.flatMap((row, index) => (placeIn(others, row.key) === -1 ? [own(index)] : []))
        expect(found.onlyLeft).toEqual(missing(left, right))
        expect(found.onlyRight).toEqual(missing(right, left))
        expect(found.changed).toEqual(
          left.flatMap((row, index) => {
            const partner = placeIn(right, row.key)
            return partner !== -1 && right[partner]?.value !== row.value ? [{ own: index, partner }] : []
          }),
        )
      }),
      { numRuns: 150 },
    )
  })

  const values = fc.array(fc.nat(4).map(String), { maxLength: 30 })
  it('counts equal rows without key as often as they occur', async () => {
    await fc.assert(
      fc.asyncProperty(values, values, async (left, right) => {
        const whole = (value: string) => ({ key: value, value })
        const found = await joined(left.map(whole), right.map(whole), 3)
        const surplus = (rows: readonly string[], others: readonly string[]) =>
          [...new Set(rows)].reduce((total, value) => {
            const count = (list: readonly string[]) => list.filter(one => one === value).length
            return total + Math.max(count(rows) - count(others), 0)
          }, 0)
        expect(found.onlyLeft).toHaveLength(surplus(left, right))
        expect(found.onlyRight).toHaveLength(surplus(right, left))
        expect(found.changed).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('joins through the disk, also rows that are all alike, and leaves no file', async () => {
    const alike = Array.from({ length: 300_000 }, () => ({ key: 'same', value: 'a' }))
    const found = await joined(alike, alike.slice(0, 299_990), 4)
    expect(found.files).toEqual(['side-0', 'side-1'])
    expect(found.onlyLeft.map(pair => pair.own)).toEqual(Array.from({ length: 10 }, (_, index) => 299_990 + index))
    expect(found.onlyRight).toEqual([])
    expect(await readdir(folder)).toEqual([])
  }, 30_000)

  it('counts all differences and lists the first', () => {
    const list = new DifferenceList()
    const run = (start: number) => Array.from({ length: 200_000 }, (_, index) => start + index * 4)
    for (const start of [3, 1, 2, 0]) list.merge(run(start), run(start))
    expect(list.count).toBe(800_000)
    expect(list.listed).toBe(LISTED_ROWS)
    const pairs = pairsOf(list.toBytes())
    expect(pairs.every((pair, index) => pair.own === index && pair.partner === index)).toBe(true)
  })
})
