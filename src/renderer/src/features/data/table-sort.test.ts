import { expect, it } from 'vitest'
import { keyOrder, nextSort, readSort, sortParams } from './table-sort.ts'

const params = (text: string) => readSort(new URLSearchParams(text))

it('readSort reads what sortParams writes, and takes nonsense for no sort', () => {
  expect(params('sort=made_at&dir=desc')).toEqual({ key: 'made_at', direction: 'desc' })
  expect(params('sort=made_at&dir=sideways')).toEqual({ key: 'made_at', direction: 'asc' })
  expect(params('dir=desc')).toBeUndefined()
  expect(params('sort=')).toBeUndefined()
  expect(sortParams({ key: 'a', direction: 'desc' })).toEqual({ sort: 'a', dir: 'desc' })
  expect(sortParams({ key: 'a', direction: 'asc' })).toEqual({ sort: 'a', dir: undefined })
  expect(sortParams(undefined)).toEqual({ sort: undefined, dir: undefined })
})

it('nextSort goes up, down, off; another column starts upwards', () => {
  const up = nextSort(undefined, 'a')
  const down = nextSort(up, 'a')
  expect([up, down, nextSort(down, 'a')]).toEqual([
    { key: 'a', direction: 'asc' },
    { key: 'a', direction: 'desc' },
    undefined,
  ])
  expect(nextSort(down, 'b')).toEqual({ key: 'b', direction: 'asc' })
})

it('keyOrder names the primary key where it is one column', () => {
  const column = (name: string, isPrimaryKey: boolean) => ({ name, isPrimaryKey })
  expect(keyOrder([column('a', false), column('id', true)])).toEqual({ key: 'id', direction: 'asc' })
  expect(keyOrder([column('role', true), column('permission', true)])).toBeUndefined()
  expect(keyOrder([column('a', false)])).toBeUndefined()
})
