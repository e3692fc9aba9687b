import { expect, test } from 'vitest'
import { changeLines, keyOf, keyText } from './difference-lines.ts'

const column = (name: string, isPrimaryKey = false) => ({ name, type: 'text', isPrimaryKey, isMasked: false })
const columns = [column('id', true), column('name'), column('note')]

test('a changed row becomes a line for each column that differs', () => {
  const rows = [{ left: ['1', 'Ann', null], right: ['1', 'Anne', 'x'], changed: ['note', 'name'] }]
  expect(
    changeLines(rows, columns).map(({ key, isFirst, column: { name }, left, right }) => ({
      key,
      isFirst,
      name,
      left,
      right,
    })),
  ).toEqual([
    { key: '1', isFirst: true, name: 'name', left: 'Ann', right: 'Anne' },
    { key: '1', isFirst: false, name: 'note', left: null, right: 'x' },
  ])
})

test('the key of a row names all its columns, whichever side has the row', () => {
  const double = [column('a', true), column('x'), column('b', true)]
  const row = { left: null, right: ['1', 'x', { preview: 'long', bytes: 9 }], changed: [] }
  expect(keyText(row, double)).toBe('1, long')
  expect(keyOf(row, double)).toEqual(['1', 'long'])
})
