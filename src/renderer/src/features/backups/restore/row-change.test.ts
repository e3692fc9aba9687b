import { expect, test } from 'vitest'
import { signedDifference } from './row-change.ts'

test('a difference has its sign, and none is no number', () => {
  expect(signedDifference('10', '1213')).toBe('+1,203')
  expect(signedDifference('10', '9')).toBe('−1')
  expect(signedDifference('10', '10')).toBe('same count, other rows')
})
