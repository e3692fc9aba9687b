import { expect, test } from 'vitest'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import { hasRow, isChoosable, toRowChoices, withAllRows, withMode, withRow } from './row-choices.ts'

test('a table is brought back as a whole until single rows are chosen', () => {
  const whole = withMode({}, 'users', 'overwrite')
  expect(toRowChoices(whole)).toEqual([{ table: 'users', mode: 'overwrite' }])
  const one = withRow(whole, 'users', ['7', 'b'])
  expect(hasRow(one, 'users', ['7', 'b'])).toBe(true)
  expect(toRowChoices(one)).toEqual([{ table: 'users', mode: 'overwrite', keys: [['7', 'b']] }])
  expect(toRowChoices(withAllRows(one, 'users'))).toEqual(toRowChoices(whole))
})

test('taking the last chosen row out leaves the table alone', () => {
  const one = withRow({}, 'users', ['7'])
  expect(withRow(one, 'users', ['7'])).toEqual({})
  expect(withMode(one, 'users', undefined)).toEqual({})
})

test('only rows with a key, of a table on both sides, can be brought back', () => {
  const table: TableComparison = {
    table: 'users',
    state: 'different',
    leftRows: '2',
    rightRows: '1',
    onlyLeft: '1',
    onlyRight: '0',
    changed: '0',
    hasKey: true,
    note: null,
  }
  expect(isChoosable(table)).toBe(true)
  expect(isChoosable({ ...table, hasKey: false })).toBe(false)
  expect(isChoosable({ ...table, rightRows: null, state: 'only-left' })).toBe(false)
  expect(isChoosable({ ...table, onlyLeft: '0', onlyRight: '4' })).toBe(false)
})
