import { expect, it } from 'vitest'
import { writeFigure, writeShare } from './write-figure.ts'

it.each([
  ['1048576', 'bytes', '1 MiB'],
  ['1048576 of 4194304', 'bytes', '1 MiB of 4 MiB'],
  ['7325', 's', '2 h 2 min'],
  ['0.4', 'ms', '0.4 ms'],
  ['12 of 1000', null, '12 of 1,000'],
  ['15.3', null, '15.3'],
  ['not visible to this user', null, 'not visible to this user'],
  ['3', 'replicas', '3 replicas'],
])('%s %s is written %s', (value, unit, text) => {
  expect(writeFigure({ name: 'Figure', value, unit })).toBe(text)
})

it('shortens a version', () => {
  const version = { name: 'Version', unit: null }
  expect(writeFigure({ ...version, value: '15.18 (Debian 15.18-0+deb12u1)' })).toBe('15.18')
  expect(writeFigure({ ...version, value: '8.0.6' })).toBe('8.0.6')
})

it.each([
  [0, '0 %'],
  [0.0001, '< 1 %'],
  [0.42, '42 %'],
  [0.8, '80 %, high'],
  [1, '100 %, high'],
])('a share of %d is written %s', (share, text) => {
  expect(writeShare(share)).toBe(text)
})
