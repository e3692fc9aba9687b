import { expect, it } from 'vitest'
import { shownInstant } from './instant.ts'

it.each([
  ['2026-01-01 01:00:00.123456+00', '2026-01-01 01:00:00.123456 UTC'],
  ['2026-01-01 01:00:00+05:30', '2025-12-31 19:30:00 UTC'],
  ['1999-12-31 23:59:59.9-08', '2000-01-01 07:59:59.9 UTC'],
])('shownInstant gives %s in UTC with every digit', (text, utc) => {
  expect(shownInstant(text)?.utc).toBe(utc)
})

it.each(['infinity', '-infinity', '0044-03-15 12:00:00+00 BC'])('shownInstant leaves %s alone', text => {
  expect(shownInstant(text)).toBeUndefined()
})
