import { describe, expect, it } from 'vitest'
import { nextSort, readTenantView } from './tenant-view.ts'

describe('readTenantView', () => {
  it('reads search, states and sort from the address', () => {
    const view = readTenantView(new URLSearchParams('search=acme&status=failed,active&sort=createdAt&dir=desc'))
    expect(view).toEqual({
      search: 'acme',
      status: ['active', 'failed'],
      sort: { key: 'createdAt', direction: 'desc' },
    })
  })

  it('ignores what makes no sense', () => {
    const view = readTenantView(new URLSearchParams('status=happy&sort=password&dir=up'))
    expect(view).toEqual({ search: '', status: [], sort: { key: 'name', direction: 'asc' } })
  })
})

it('nextSort turns the same column round and starts times with the latest', () => {
  expect(nextSort({ key: 'name', direction: 'asc' }, 'name')).toEqual({ key: 'name', direction: 'desc' })
  expect(nextSort({ key: 'name', direction: 'desc' }, 'createdAt')).toEqual({ key: 'createdAt', direction: 'desc' })
  expect(nextSort({ key: 'createdAt', direction: 'desc' }, 'slug')).toEqual({ key: 'slug', direction: 'asc' })
})
