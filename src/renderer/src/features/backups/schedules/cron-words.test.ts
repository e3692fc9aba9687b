import { expect, test } from 'vitest'
import { readCron } from './cron-words.ts'

test.each([
  ['0 2 * * *', 'Every day at 02:00 UTC'],
  ['30 2,14 * * *', 'Every day at 02:30 and 14:30 UTC'],
  ['0 3 * * 0', 'Every Sunday at 03:00 UTC'],
  ['0 3 * * 7', 'Every Sunday at 03:00 UTC'],
  ['0 3 * * mon-fri', 'Every Monday to Friday at 03:00 UTC'],
  ['0 3 * * 6,0', 'Every Saturday and Sunday at 03:00 UTC'],
  ['15 4 1 * *', 'On day 1 of the month at 04:15 UTC'],
  ['15 4 1,15 * *', 'On day 1 and 15 of the month at 04:15 UTC'],
  ['0 4 1 * 1', 'On day 1 of the month and on Monday at 04:00 UTC'],
  ['0 4 1 1,7 *', 'On day 1 of the month in January and July at 04:00 UTC'],
  ['*/15 * * * *', 'Every 15 minutes'],
  ['5 * * * *', 'Every hour at minute 5'],
  ['0 */6 * * *', 'Every day at 00:00, 06:00, 12:00 and 18:00 UTC'],
  ['0 */3 * * *', 'Every 3 hours at minute 0'],
])('%s is read as “%s”', (expression, words) => {
  expect(readCron(expression)).toEqual({ isSound: true, words })
})

test.each(['0 2-23 * * *', '*/7 3 * * *', '0 1-9 * * *'])('%s is sound but has no plain reading', expression => {
  expect(readCron(expression)).toEqual({ isSound: true, words: undefined })
})

test.each([
  '',
  '0 2 * *',
  '60 2 * * *',
  '0 24 * * *',
  '0 2 0 * *',
  '0 2 * 13 *',
  '0 2 * * 8',
  'a b c d e',
  '5-1 * * * *',
  '*/0 * * * *',
])('“%s” is no cron expression', expression => {
  expect(readCron(expression).isSound).toBe(false)
})
