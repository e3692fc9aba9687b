import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEstimate,
  formatPlural,
  formatShare,
  shortId,
} from './format.ts'

describe('formatCount', () => {
  it('separates thousands', () => {
    expect(formatCount(0)).toBe('0')
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect(formatCount('-42000')).toBe('-42,000')
  })

  it('keeps every digit of an int8', () => {
    expect(formatCount('9223372036854775807')).toBe('9,223,372,036,854,775,807')
  })

  it('leaves what is no whole number as it is', () => {
    expect(formatCount('n/a')).toBe('n/a')
  })
})

it('formatPlural agrees with the number', () => {
  expect(formatPlural(1, 'tenant')).toBe('1 tenant')
  expect(formatPlural(0, 'tenant')).toBe('0 tenants')
  expect(formatPlural(2_000, 'entry', 'entries')).toBe('2,000 entries')
})

it('formatEstimate shortens', () => {
  expect(formatEstimate('999')).toBe('999')
  expect(formatEstimate('12345')).toBe('12.3k')
  expect(formatEstimate(1_000_000)).toBe('1M')
})

it.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [1024 ** 2 - 1, '1 MiB'],
  ['10737418240', '10 GiB'],
  [1024 ** 5 * 2000, '2,000 PiB'],
])('formatBytes(%s) is %s', (value, text) => {
  expect(formatBytes(value)).toBe(text)
})

it.each([
  [0.2, '< 1 ms'],
  [34.4, '34 ms'],
  [1_250, '1.3 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min'],
  [125_000, '2 min 5 s'],
  [3_599_800, '1 h'],
  [11_040_000, '3 h 4 min'],
])('formatDuration(%d) is %s', (value, text) => {
  expect(formatDuration(value)).toBe(text)
})

it('formatShare and shortId', () => {
  expect(formatShare(0.734)).toBe('73 %')
  expect(shortId('1f3a9c0e-1111-2222-3333-444444444444')).toBe('1f3a9c0e')
})
