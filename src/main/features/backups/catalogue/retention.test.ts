import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RetentionPolicy } from '#shared/contract/backup.model.ts'
import { ARCHIVE_CONDITIONS, type DatedArchive, decide, monthOf, weekOf } from './retention.ts'

const NOW = new Date('2026-03-11T12:00:00.000Z')
const DAY_MS = 86_400_000

const Archives: fc.Arbitrary<DatedArchive[]> = fc.uniqueArray(
  fc.record({
    // Some lie in the future: the clocks of two machines differ.
    at: fc.integer({ min: -900 * 86_400, max: 86_400 }).map(s => new Date(NOW.getTime() + s * 1_000).toISOString()),
    key: fc.string({ minLength: 1, maxLength: 8 }),
    condition: fc.constantFrom(...ARCHIVE_CONDITIONS),
  }),
  { selector: ({ key }) => key, maxLength: 40 },
)
const Policy: fc.Arbitrary<RetentionPolicy> = fc.record({
  days: fc.integer({ min: 0, max: 800 }),
  last: fc.integer({ min: 1, max: 10 }),
  weekly: fc.integer({ min: 0, max: 60 }),
  monthly: fc.integer({ min: 0, max: 30 }),
})

const isRemoved = ({ kept }: { kept: readonly string[] }) => kept.length === 0
const holds = (rule: (archives: DatedArchive[], policy: RetentionPolicy) => void) =>
  fc.assert(fc.property(Archives, Policy, rule), { numRuns: 500 })

describe('whatever the archives and the rules', () => {
  test('the last good one stays', () =>
    holds((archives, policy) => {
      const good = archives.filter(({ condition }) => condition === 'good').map(({ at }) => at)
      const lastGood = decide(archives, policy, NOW).filter(({ kept }) => kept.includes('last-good'))
      expect(lastGood.map(({ archive }) => archive.at)).toEqual(good.sort().slice(-1))
    }))

  test('nothing is removed where nothing is good', () =>
    holds((archives, policy) => {
      const none = archives.filter(({ condition }) => condition !== 'good')
      expect(decide(none, policy, NOW).filter(isRemoved)).toEqual([])
    }))

  test('damaged, incomplete and running ones are not judged', () =>
    holds((archives, policy) => {
      const judged = decide(archives, policy, NOW).map(({ archive }) => archive.condition)
      expect(judged.filter(condition => condition !== 'good' && condition !== 'failed')).toEqual([])
      expect(judged).toHaveLength(archives.filter(a => a.condition === 'good' || a.condition === 'failed').length)
    }))

  test('they change nothing for the others', () =>
    holds((archives, policy) => {
      const clean = archives.filter(({ condition }) => condition === 'good' || condition === 'failed')
      expect(decide(archives, policy, NOW)).toEqual(decide(clean, policy, NOW))
    }))

  test('one that failed its verification keeps no good one from its place', () =>
    holds((archives, policy) => {
      const good = archives.filter(({ condition }) => condition === 'good')
      const fateOfGood = decide(archives, policy, NOW).filter(({ archive }) => archive.condition === 'good')
      expect(fateOfGood).toEqual(decide(good, policy, NOW))
    }))

  test('what is younger than the days stays', () =>
    holds((archives, policy) => {
      for (const { archive } of decide(archives, policy, NOW).filter(isRemoved)) {
        expect(NOW.getTime() - Date.parse(archive.at)).toBeGreaterThanOrEqual(policy.days * DAY_MS)
      }
    }))

  test('so do the latest good ones, as many as the rules say', () =>
    holds((archives, policy) => {
      const good = decide(archives, policy, NOW).filter(({ archive }) => archive.condition === 'good')
      expect(good.slice(0, policy.last).some(isRemoved)).toBe(false)
    }))

  test('every week and month in reach has kept a good one where it had one', () =>
    holds((archives, policy) => {
      const good = decide(archives, policy, NOW).filter(({ archive }) => archive.condition === 'good')
      for (const [periodOf, reach] of [
        [weekOf, policy.weekly],
        [monthOf, policy.monthly],
      ] as const) {
        if (reach === 0) continue
        for (const { archive } of good) {
          const period = periodOf(new Date(archive.at))
          if (period < periodOf(NOW) - reach) continue
          const same = good.filter(other => periodOf(new Date(other.archive.at)) === period)
          expect(same.some(decision => !isRemoved(decision))).toBe(true)
        }
      }
    }))

  test('more generous rules remove nothing that meaner ones keep', () =>
    holds((archives, policy) => {
      const generous = {
        days: policy.days + 7,
        last: policy.last + 1,
        weekly: policy.weekly + 1,
        monthly: policy.monthly + 1,
      }
      const keptNow = decide(archives, policy, NOW).filter(decision => !isRemoved(decision))
      const removed = new Set(
        decide(archives, generous, NOW)
          .filter(isRemoved)
          .map(({ archive }) => archive.key),
      )
      expect(keptNow.filter(({ archive }) => removed.has(archive.key))).toEqual([])
    }))

  test('what a clean-up left is left by the next one', () =>
    holds((archives, policy) => {
      const kept = decide(archives, policy, NOW).filter(decision => !isRemoved(decision))
      const again = decide(
        kept.map(({ archive }) => archive),
        policy,
        NOW,
      )
      expect(again.filter(isRemoved)).toEqual([])
    }))
})

describe('rules', () => {
  const good = (...days: string[]): DatedArchive[] =>
    days.map(day => ({ key: day, at: `${day}T02:00:00.000Z`, condition: 'good' }))
  const kept = (archives: DatedArchive[], policy: Partial<RetentionPolicy>) =>
    decide(archives, { days: 0, last: 1, weekly: 0, monthly: 0, ...policy }, NOW)
      .filter(decision => !isRemoved(decision))
      .map(({ archive }) => archive.key)

  test('a week begins on Monday, in UTC, also across the year', () => {
    expect(weekOf(new Date('2025-12-29T00:00:00Z'))).toBe(weekOf(new Date('2026-01-04T23:59:59Z')))
    expect(weekOf(new Date('2026-01-05T00:00:00Z'))).toBe(weekOf(new Date('2026-01-04T23:59:59Z')) + 1)
  })
  test('the latest of each of the past weeks', () => {
    // NOW is the Wednesday of the week of 9 March.
    const archives = good('2026-03-09', '2026-03-08', '2026-03-02', '2026-03-01', '2026-02-23', '2026-02-22')
    expect(kept(archives, { weekly: 1 })).toEqual(['2026-03-09', '2026-03-08'])
    expect(kept(archives, { weekly: 2 })).toEqual(['2026-03-09', '2026-03-08', '2026-03-01'])
  })
  test('the latest of each of the past months', () => {
    const archives = good('2026-03-01', '2026-02-28', '2026-02-01', '2026-01-31', '2025-12-31', '2025-12-01')
    expect(kept(archives, { monthly: 3 })).toEqual(['2026-03-01', '2026-02-28', '2026-01-31', '2025-12-31'])
  })
  test('exactly as old as the days is old enough to go', () => {
    const archives: DatedArchive[] = [
      { key: 'new', at: '2026-03-11T11:00:00.000Z', condition: 'good' },
      { key: 'edge', at: '2026-03-09T12:00:00.000Z', condition: 'good' },
      { key: 'inside', at: '2026-03-09T12:00:01.000Z', condition: 'good' },
    ]
    expect(kept(archives, { days: 2 })).toEqual(['new', 'inside'])
  })
})
