import { describe, expect, test } from 'vitest'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import { barOf, byDifference, sumCounts, totalsOf } from './sums.ts'

const table = (name: string, change: Partial<TableComparison> = {}): TableComparison => ({
  table: name,
  state: 'equal',
  leftRows: '10',
  rightRows: '10',
  onlyLeft: '0',
  onlyRight: '0',
  changed: '0',
  hasKey: true,
  note: null,
  ...change,
})

test('counts are added whole, also beyond what a double holds', () => {
  expect(sumCounts(['9007199254740993', '2', null])).toBe(9_007_199_254_740_995n)
})

test('totals name the tables that differ', () => {
  const tables = [table('a'), table('b', { state: 'different', onlyRight: '3', changed: '1' })]
  expect(totalsOf(tables)).toEqual({ tables: 2, differing: 1, onlyLeft: 0n, onlyRight: 3n, changed: 1n })
})

test('what differs most comes first, equal tables last by name', () => {
  const tables = [
    table('z'),
    table('few', { state: 'different', changed: '1' }),
    table('a'),
    table('many', { state: 'different', onlyLeft: '40' }),
    table('gone', { state: 'only-right', onlyRight: '0' }),
  ]
  expect(byDifference(tables).map(({ table: name }) => name)).toEqual(['many', 'few', 'gone', 'a', 'z'])
})

describe('the bar of a table', () => {
  const sum = (parts: ReturnType<typeof barOf>) => parts.equal + parts.onlyLeft + parts.onlyRight + parts.changed

  test('is all equal where nothing differs or nothing is there', () => {
    expect(barOf(table('a')).equal).toBe(100)
    expect(barOf(table('a', { leftRows: '0', rightRows: '0' })).equal).toBe(100)
  })

  test.each([
    { leftRows: '1000000', onlyLeft: '1', onlyRight: '1', changed: '1' },
    { leftRows: '10', onlyLeft: '10', onlyRight: '0', changed: '0' },
    { leftRows: '100', onlyLeft: '98', onlyRight: '1', changed: '1' },
    { leftRows: null, onlyLeft: '0', onlyRight: '7', changed: '0' },
  ])('adds up and shows every part that is there: %j', change => {
    const parts = barOf(table('a', { state: 'different', ...change }))
    expect(sum(parts)).toBeCloseTo(100)
    for (const kind of ['onlyLeft', 'onlyRight', 'changed'] as const) {
      if (change[kind] === '0') expect(parts[kind]).toBe(0)
      else expect(parts[kind]).toBeGreaterThan(0.9)
    }
  })
})
