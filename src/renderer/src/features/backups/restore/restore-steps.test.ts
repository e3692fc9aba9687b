import { expect, test } from 'vitest'
import { stepOf } from './restore-steps.ts'

const known = { comparison: [], verification: null }

test.each([
  ['preparing', 'beside'],
  ['ready', 'compare'],
  ['swapping', 'swap'],
  ['done', 'verified'],
  ['undone', 'verified'],
] as const)('a restore that is %s continues at %s', (state, step) => {
  expect(stepOf({ ...known, state }, null)).toBe(step)
})

test('the address chooses between comparing and confirming only', () => {
  expect(stepOf({ ...known, state: 'ready' }, 'confirm')).toBe('confirm')
  expect(stepOf({ ...known, state: 'swapping' }, 'confirm')).toBe('swap')
  expect(stepOf({ ...known, state: 'done' }, 'confirm')).toBe('verified')
})

test('what was not compared cannot be confirmed', () => {
  expect(stepOf({ state: 'ready', comparison: null, verification: null }, 'confirm')).toBe('compare')
})

test('a failed restore says where it failed', () => {
  expect(stepOf({ state: 'failed', comparison: null, verification: null }, null)).toBe('beside')
  expect(stepOf({ ...known, state: 'failed' }, null)).toBe('swap')
})
