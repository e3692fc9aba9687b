import { describe, expect, it } from 'vitest'
import { formatRelative, formatUtc, parseInstant, parsePgTimestamptz } from './time.ts'

const now = new Date('2025-11-20T12:00:00Z')
const before = (seconds: number) => new Date(now.getTime() - seconds * 1_000)

describe('formatRelative', () => {
  it.each([
    [5, 'just now'],
    [60, '1 minute ago'],
    [3_599, '59 minutes ago'],
    [7_200, '2 hours ago'],
    [86_400, 'yesterday'],
    [86_400 * 40, 'last month'],
    [86_400 * 800, '2 years ago'],
    [-7_200, 'in 2 hours'],
  ])('%d seconds before now is %s', (seconds, text) => {
    expect(formatRelative(before(seconds), now)).toBe(text)
  })
})

it('formatUtc names the zone', () => {
  expect(formatUtc(now)).toBe('2025-11-20 12:00:00 UTC')
})

it('parseInstant refuses what is no time', () => {
  expect(parseInstant('2025-11-20T12:00:00Z')).toEqual(now)
  expect(parseInstant('yesterday')).toBeUndefined()
})

describe('parsePgTimestamptz', () => {
  it.each([
    ['2025-11-20 12:00:00+00', '2025-11-20T12:00:00.000Z'],
    ['2025-11-20 17:30:00.123456+05:30', '2025-11-20T12:00:00.123Z'],
    ['0099-01-01 00:00:00+00', '0099-01-01T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(parsePgTimestamptz(text)?.toISOString()).toBe(iso)
  })

  it.each(['infinity', '-infinity', '0044-03-15 00:00:00+00 BC', '10000-01-01 00:00:00+00', '2025-11-20', ''])(
    'leaves %j to be shown as it is',
    text => {
      expect(parsePgTimestamptz(text)).toBeUndefined()
    },
  )
})
