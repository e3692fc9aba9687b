import { describe, expect, test } from 'vitest'
import type { ArchiveRow } from '#shared/contract/backup.model.ts'
import { timeLine } from './time-line.ts'

const archive = (at: string, storedBytes: string | null = '1000'): ArchiveRow => ({
  archive: `backups/schemas/t/backup_schema_${at.slice(0, 19).replaceAll(':', '-')}/`,
  at,
  state: 'complete',
  problem: null,
  hash: null,
  rows: '1',
  bytes: '1',
  storedBytes,
  tables: 1,
  schemaVersion: 1,
  schemaSource: 'migrations',
  writtenBy: null,
  verified: null,
  isLastGood: false,
  store: 'bucket',
})
const NOW = new Date('2026-01-31T12:00:00Z')

describe('marks', () => {
  test('lie in the order of time, all within the line', () => {
    const { marks } = timeLine([archive('2026-01-30T02:00:00Z'), archive('2026-01-01T02:00:00Z')], NOW)
    const [late, early] = marks
    expect(early?.x).toBeLessThan(late?.x ?? 0)
    for (const { x } of marks) expect(x >= 0 && x <= 1).toBe(true)
  })

  test('a single archive of a moment ago still has room', () => {
    const { marks } = timeLine([archive('2026-01-31T11:59:59Z')], NOW)
    expect(marks[0]?.x).toBeGreaterThan(0.9)
    expect(marks[0]?.x).toBeLessThan(1)
  })

  test('an archive of a clock that goes ahead stays on the line', () => {
    const { marks } = timeLine([archive('2026-02-01T00:00:00Z')], NOW)
    expect(marks[0]?.x).toBeLessThanOrEqual(1)
  })

  test('are as high as the archive is large; an unknown size has no height', () => {
    const { marks } = timeLine(
      [
        archive('2026-01-30T02:00:00Z', '4000'),
        archive('2026-01-29T02:00:00Z', '1000'),
        archive('2026-01-28T02:00:00Z', null),
      ],
      NOW,
    )
    expect(marks.map(({ height }) => height && Math.round(height * 100))).toEqual([100, 59, null])
  })

  test('a time that cannot be read is left out', () => {
    expect(timeLine([archive('whenever')], NOW).marks).toEqual([])
  })
})

describe('ticks', () => {
  test.each([
    ['an hour', '2026-01-31T11:00:00Z'],
    ['a day', '2026-01-30T12:00:00Z'],
    ['a month', '2026-01-01T12:00:00Z'],
    ['a year', '2025-01-31T12:00:00Z'],
    ['ten years', '2016-01-31T12:00:00Z'],
  ])('are few and in order over %s', (_span, oldest) => {
    const { ticks } = timeLine([archive(oldest)], NOW)
    expect(ticks.length).toBeGreaterThan(0)
    expect(ticks.length).toBeLessThanOrEqual(11)
    expect(ticks.map(({ x }) => x)).toEqual(ticks.map(({ x }) => x).sort((a, b) => a - b))
    for (const { x } of ticks) expect(x >= 0 && x <= 1).toBe(true)
  })
})
