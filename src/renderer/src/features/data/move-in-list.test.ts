import { expect, it } from 'vitest'
import { moveInList } from './move-in-list.ts'

const list = { length: 50, page: 10 }
const press = (key: string, held: { ctrlKey?: boolean; altKey?: boolean } = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  ...held,
})

it('moveInList starts at the first entry and stops at both ends', () => {
  expect(moveInList(-1, press('ArrowDown'), list)).toBe(0)
  expect(moveInList(0, press('ArrowUp'), list)).toBe(0)
  expect(moveInList(49, press('ArrowDown'), list)).toBe(49)
  expect(moveInList(45, press('PageDown'), list)).toBe(49)
  expect(moveInList(45, press('PageUp'), list)).toBe(35)
})

it('moveInList leaves Home and End to the text of the filter, unless Ctrl is held', () => {
  expect(moveInList(5, press('Home'), list)).toBeUndefined()
  expect(moveInList(5, press('Home', { ctrlKey: true }), list)).toBe(0)
  expect(moveInList(5, press('End', { ctrlKey: true }), list)).toBe(49)
})

it('moveInList leaves other keys and empty lists alone', () => {
  expect(moveInList(5, press('a'), list)).toBeUndefined()
  expect(moveInList(5, press('ArrowDown', { altKey: true }), list)).toBeUndefined()
  expect(moveInList(-1, press('ArrowDown'), { length: 0, page: 10 })).toBeUndefined()
})
