import { expect, test } from 'vitest'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import { lossSentence } from './loss-words.ts'

const SIDES = { coming: 'the archive', going: 'live' }
const table = (change: Partial<TableComparison>): TableComparison => ({
  table: 'users',
  state: 'different',
  leftRows: '10',
  rightRows: '10',
  onlyLeft: '0',
  onlyRight: '0',
  changed: '0',
  hasKey: true,
  note: null,
  ...change,
})

test('names every loss with its count', () => {
  const sentence = lossSentence([table({ onlyRight: '1234', changed: '1' }), table({ onlyLeft: '7' })], SIDES)
  expect(sentence.loss).toBe(
    '1,234 rows that only live has will be lost, and 1 row that changed will go back to what the archive holds, in 1 table.',
  )
  expect(sentence.gain).toBe('7 rows that only the archive has will come back.')
  expect(sentence.isLossless).toBe(false)
})

test('rows that only come back are no loss', () => {
  const sentence = lossSentence([table({ onlyLeft: '2' })], SIDES)
  expect(sentence).toMatchObject({ isLossless: true, gain: '2 rows that only the archive has will come back.' })
  expect(sentence.loss).toMatch(/^Nothing will be lost/)
})
