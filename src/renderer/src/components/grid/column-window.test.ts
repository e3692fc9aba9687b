import { expect, it } from 'vitest'
import { columnsIn } from './column-window.ts'

const starts = Array.from({ length: 100 }, (_column, index) => index * 100)

it('columnsIn takes what is seen and a margin on both sides', () => {
  expect(columnsIn(starts, { left: 5_000, width: 1_000 })).toEqual({ first: 47, last: 62 })
})

it('columnsIn stops at the edges', () => {
  expect(columnsIn(starts, { left: 0, width: 1_000 })).toEqual({ first: 0, last: 12 })
  expect(columnsIn(starts, { left: 9_000, width: 1_000 })).toEqual({ first: 87, last: 99 })
  expect(columnsIn([0], { left: 0, width: 0 })).toEqual({ first: 0, last: 0 })
})
