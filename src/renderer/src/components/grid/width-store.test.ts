import { expect, it } from 'vitest'
import { MAX_GRIDS, withWidths } from './width-store.ts'

it('withWidths keeps one entry per grid and drops those without widths', () => {
  const one = withWidths({}, 'a', { name: 100 })
  expect(withWidths(one, 'a', { name: 120 })).toEqual({ a: { name: 120 } })
  expect(withWidths(one, 'a', {})).toEqual({})
})

it('withWidths forgets the grid that was not touched for longest', () => {
  let all = {}
  for (let index = 0; index < MAX_GRIDS; index += 1) all = withWidths(all, `grid ${index}`, { name: index })
  all = withWidths(all, 'grid 0', { name: 1 })
  all = withWidths(all, 'one more', { name: 1 })
  expect(Object.keys(all)).toHaveLength(MAX_GRIDS)
  expect(all).toHaveProperty('grid 0')
  expect(all).not.toHaveProperty('grid 1')
})
