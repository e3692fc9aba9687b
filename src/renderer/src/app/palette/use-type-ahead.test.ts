import { expect, test } from 'vitest'
import { typed } from './use-type-ahead.ts'

test.each([
  ['ac', 'm', 'acm'],
  ['ac', ' ', 'ac '],
  ['ac', '🙂', 'ac🙂'],
  ['ac', 'Backspace', 'a'],
  ['', 'Backspace', ''],
  ['ac', 'Enter', 'ac'],
])('after “%s” the key %s makes “%s”', (query, key, next) => expect(typed(query, key)).toBe(next))

test.each(['Tab', 'Escape', 'ArrowDown', 'Shift', 'F5'])('%s types nothing', key =>
  expect(typed('ac', key)).toBeUndefined(),
)
