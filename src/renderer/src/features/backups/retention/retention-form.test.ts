import { expect, test } from 'vitest'
import { isSame, policyOf, policyWords, validateRules } from './retention-form.ts'

const policy = { days: 30, last: 3, weekly: 0, monthly: 12 }

test('rules are said in words, those that keep nothing left out', () => {
  expect(policyWords(policy)).toBe(
    'younger than 30 days, the latest 3 of each tenant, one of each of the past 12 months',
  )
  expect(policyWords({ days: 0, last: 1, weekly: 0, monthly: 0 })).toBe('the latest of each tenant')
})

test('a field that is empty or out of range is no rule', () => {
  expect(policyOf({ ...policy, days: '' })).toBeUndefined()
  expect(Object.keys(validateRules({ ...policy, last: 0 }))).toEqual(['last'])
  expect(policyOf(policy)).toEqual(policy)
})

test('only a changed rule is a change', () => {
  expect(isSame(policy, { ...policy })).toBe(true)
  expect(isSame(policy, { ...policy, weekly: 4 })).toBe(false)
})
