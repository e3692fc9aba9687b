import { expect, it } from 'vitest'
import { changesOf } from './changes.ts'

it('lists what differs, looking into objects', () => {
  const before = { name: 'Acme', status: 'active', settings: { currency: 'INR', country: 'IN' } }
  const after = { name: 'Acme', status: 'suspended', settings: { currency: 'USD', country: 'IN' } }
  expect(changesOf(before, after)).toEqual([
    { field: 'status', before: 'active', after: 'suspended' },
    { field: 'settings.currency', before: 'INR', after: 'USD' },
  ])
})

it('shows what was added or taken away on one side only', () => {
  expect(changesOf(null, { name: 'Acme' })).toEqual([{ field: 'name', after: 'Acme' }])
  expect(changesOf({ note: 'x' }, { note: null })).toEqual([{ field: 'note', before: 'x' }])
  expect(changesOf(null, null)).toEqual([])
})

it('treats lists as values', () => {
  expect(changesOf({ tags: ['a'] }, { tags: ['a', 'b'] })).toEqual([
    { field: 'tags', before: ['a'], after: ['a', 'b'] },
  ])
})
