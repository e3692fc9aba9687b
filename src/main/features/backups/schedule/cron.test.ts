import { describe, expect, test } from 'vitest'
import { parseCron } from './cron.ts'

const at = (text: string) => new Date(text)

describe('times of a schedule', () => {
  test('are read in UTC', () => {
    const daily = parseCron('0 2 * * *')
    expect(daily.next(at('2026-03-29T01:59:59.999Z'))).toEqual(at('2026-03-29T02:00:00Z'))
    expect(daily.next(at('2026-03-29T02:00:00Z'))).toEqual(at('2026-03-30T02:00:00Z'))
    expect(parseCron('30 4 * * SUN').next(at('2026-03-11T00:00:00Z'))).toEqual(at('2026-03-15T04:30:00Z'))
  })

  test('are counted with both ends', () => {
    const daily = parseCron('0 2 * * *')
    const count = (from: string, to: string) => daily.between(at(from), at(to))
    expect(count('2026-03-01T02:00:00Z', '2026-03-01T02:00:00Z')).toEqual({
      runs: 1,
      latest: at('2026-03-01T02:00:00Z'),
    })
    expect(count('2026-03-01T02:00:00Z', '2026-03-05T01:59:59Z')).toEqual({
      runs: 4,
      latest: at('2026-03-04T02:00:00Z'),
    })
    expect(count('2026-03-01T02:00:01Z', '2026-03-02T01:59:59Z')).toEqual({ runs: 0, latest: null })
  })

  test('are not counted without end', () => {
    const found = parseCron('* * * * *').between(at('2020-01-01T00:00:00Z'), at('2026-01-01T12:34:56Z'))
    expect(found).toEqual({ runs: 1_000, latest: at('2026-01-01T12:34:00Z') })
  })

  test.each(['', '0 2 * *', '0 0 2 * * *', '@daily', '@every 5s', '61 * * * *', 'a b c d e', '0 0 31 2 *'])(
    'refuses %j',
    text => {
      expect(() => parseCron(text)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
    },
  )
})
