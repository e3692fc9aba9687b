import type { RetentionPolicy } from '#shared/contract/backup.model.ts'

const DAY_MS = 86_400_000

/**
 * What is known of an archive when its fate is decided. `good`: it has a manifest that can be trusted, and no verification found it
 * bad. `failed`: a verification did. `damaged`: its manifest cannot be trusted. `incomplete`: it has none.
 */
export const ARCHIVE_CONDITIONS = ['good', 'failed', 'damaged', 'incomplete', 'running'] as const
export type ArchiveCondition = (typeof ARCHIVE_CONDITIONS)[number]

export interface DatedArchive {
  key: string
  /** ISO 8601, UTC: the time in the archive's name. */
  at: string
  condition: ArchiveCondition
}

/** `none-good`: the tenant has no good archive, so nothing of it is taken away. */
export const KEEP_RULES = ['last-good', 'days', 'last', 'weekly', 'monthly', 'none-good'] as const
export type KeepRule = (typeof KEEP_RULES)[number]

export interface Decision<T extends DatedArchive = DatedArchive> {
  archive: T
  /** Every rule that keeps it; removed when there is none. */
  kept: KeepRule[]
}

/**
 * Which archives of one tenant the rules keep. Only good ones count: towards the last N, as the one of a week or month, and as the last
 * good one, which always stays. One that failed its verification is kept by its age alone, and goes only where a good one stays.
 * Damaged, incomplete and running ones are left out: no rule of time decides on them.
 */
export function decide<T extends DatedArchive>(
  archives: readonly T[],
  policy: RetentionPolicy,
  now: Date,
): Decision<T>[] {
  const judged = archives
    .filter(({ condition }) => condition === 'good' || condition === 'failed')
    .sort((a, b) => compareText(b.at, a.at) || compareText(b.key, a.key))
  const good = judged.filter(({ condition }) => condition === 'good')
  const rules = keepersByRule(good, policy, now)
  return judged.map(archive => {
    const kept: KeepRule[] = good.length === 0 ? ['none-good'] : []
    if (archive === good[0]) kept.push('last-good')
    if (now.getTime() - Date.parse(archive.at) < policy.days * DAY_MS) kept.push('days')
    for (const [rule, keepers] of rules) if (keepers.has(archive)) kept.push(rule)
    return { archive, kept }
  })
}

type CountRule = 'last' | 'weekly' | 'monthly'

/** `good` begins with the latest. */
function keepersByRule<T extends DatedArchive>(
  good: readonly T[],
  policy: RetentionPolicy,
  now: Date,
): Map<CountRule, Set<T>> {
  return new Map<CountRule, Set<T>>([
    ['last', new Set(good.slice(0, policy.last))],
    ['weekly', latestOfEach(good, weekOf, { now, periods: policy.weekly })],
    ['monthly', latestOfEach(good, monthOf, { now, periods: policy.monthly })],
  ])
}

interface Span {
  now: Date
  periods: number
}

/** The latest of the period that runs now and of each of the `periods` before it; none at all for 0. */
function latestOfEach<T extends DatedArchive>(
  good: readonly T[],
  periodOf: (at: Date) => number,
  { now, periods }: Span,
): Set<T> {
  const latest = new Map<number, T>()
  if (periods === 0) return new Set()
  const current = periodOf(now)
  for (const archive of good) {
    const period = periodOf(new Date(archive.at))
    if (period >= current - periods && !latest.has(period)) latest.set(period, archive)
  }
  return new Set(latest.values())
}

/** Weeks since the Monday before the epoch, which was a Thursday: ISO weeks, UTC. */
export const weekOf = (at: Date): number => Math.floor((Math.floor(at.getTime() / DAY_MS) + 3) / 7)

/** Months since the year 0, UTC. */
export const monthOf = (at: Date): number => at.getUTCFullYear() * 12 + at.getUTCMonth()

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
