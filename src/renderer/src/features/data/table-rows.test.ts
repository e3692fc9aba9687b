import { expect, it } from 'vitest'
import type { DataColumn } from '#shared/contract/data.ts'
import { hasShape, placeRows } from './table-rows.ts'

const column = (name: string, type = 'text') => ({ name, type }) as DataColumn
const page = (names: readonly string[]) => ({ columns: [column('name')], rows: names.map(name => [name]) })

it('placeRows leaves holes where nothing is loaded', () => {
  const rows = placeRows(7, '1,4,', [page(['a', 'b']), undefined, page(['not noted'])])
  expect(rows).toHaveLength(7)
  expect(rows.map(row => row?.[0])).toEqual([undefined, 'a', 'b', undefined, undefined, undefined, undefined])
})

it('placeRows cuts a page that reaches beyond the end', () => {
  expect(placeRows(1, '0', [page(['a', 'b'])])).toEqual([['a']])
})

it('hasShape notices a column that was added, removed, renamed or changed', () => {
  const shape = { columns: [column('id', 'uuid'), column('name')], sample: [] }
  const pageOf = (...columns: DataColumn[]) => [undefined, { columns, rows: [] }]
  expect(hasShape(pageOf(column('id', 'uuid'), column('name')), shape)).toBe(true)
  expect(hasShape(pageOf(column('id', 'uuid')), shape)).toBe(false)
  expect(hasShape(pageOf(column('id', 'uuid'), column('name'), column('more')), shape)).toBe(false)
  expect(hasShape(pageOf(column('id', 'uuid'), column('title')), shape)).toBe(false)
  expect(hasShape(pageOf(column('id', 'uuid'), column('name', 'integer')), shape)).toBe(false)
})
