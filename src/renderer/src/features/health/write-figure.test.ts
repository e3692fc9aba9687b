import { expect, it } from 'vitest'
import { writeFigure } from './write-figure.ts'

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
  expect(writeFigure({ value, unit })).toBe(text)
})
