import type { ArchiveRow } from '#shared/contract/backup.model.ts'

/** Where the marks and ticks of a time line lie: shares of its width from 0 (left, the oldest) to 1 (now). */

export interface TimeMark {
  archive: ArchiveRow
  x: number
  /** Share of the tallest, from the stored bytes; null where they are not known. */
  height: number | null
}

export interface TimeTick {
  x: number
  label: string
  /** Begins a day, or a year where days are many. */
  isStrong: boolean
}

export interface TimeLineShape {
  marks: TimeMark[]
  ticks: TimeTick[]
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Below this the archives would all lie at one point. */
const LEAST_SPAN_MS = 2 * HOUR_MS
/** Room before the first mark and after now, as a share. */
const MARGIN = 0.03
const MAX_TICKS = 9
const LEAST_HEIGHT = 0.18

interface Step {
  ms: number
  next: (date: Date) => void
  floor: (date: Date) => void
}

const hours = (count: number): Step => ({
  ms: count * HOUR_MS,
  floor: date => date.setHours(Math.floor(date.getHours() / count) * count, 0, 0, 0),
  next: date => date.setHours(date.getHours() + count),
})
const days = (count: number): Step => ({
  ms: count * DAY_MS,
  floor: date => date.setHours(0, 0, 0, 0),
  next: date => date.setDate(date.getDate() + count),
})
const months = (count: number): Step => ({
  ms: count * 30 * DAY_MS,
  floor: date => {
    date.setHours(0, 0, 0, 0)
    date.setDate(1)
    date.setMonth(Math.floor(date.getMonth() / count) * count)
  },
  next: date => date.setMonth(date.getMonth() + count),
})
const STEPS: readonly Step[] = [
  hours(1),
  hours(3),
  hours(6),
  hours(12),
  days(1),
  days(2),
  days(7),
  days(14),
  months(1),
  months(3),
  months(6),
  months(12),
]

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric' })

const isMidnight = (date: Date): boolean => date.getHours() === 0

function tickLabel(date: Date, step: Step): string {
  if (step.ms < DAY_MS) return isMidnight(date) ? DAY.format(date) : CLOCK.format(date)
  return step.ms < 28 * DAY_MS ? DAY.format(date) : MONTH.format(date)
}

/** @param archives in any order; those without a readable time are left out */
export function timeLine(archives: readonly ArchiveRow[], now: Date): TimeLineShape {
  const timed = archives.map(archive => ({ archive, at: Date.parse(archive.at) })).filter(({ at }) => !Number.isNaN(at))
  const end = Math.max(now.getTime(), ...timed.map(({ at }) => at))
  const first = Math.min(end - LEAST_SPAN_MS, ...timed.map(({ at }) => at))
  const span = (end - first) / (1 - 2 * MARGIN)
  const start = first - span * MARGIN
  const xOf = (at: number) => (at - start) / span
  const largest = Math.max(1, ...timed.map(({ archive }) => Number(archive.storedBytes ?? 0)))
  const heightOf = (bytes: string | null) =>
    bytes === null ? null : LEAST_HEIGHT + (1 - LEAST_HEIGHT) * Math.sqrt(Number(bytes) / largest)
  return {
    marks: timed.map(({ archive, at }) => ({ archive, x: xOf(at), height: heightOf(archive.storedBytes) })),
    ticks: ticksOf(start, span).map(({ date, step }) => ({
      x: xOf(date.getTime()),
      label: tickLabel(date, step),
      isStrong: step.ms < DAY_MS ? isMidnight(date) : step.ms >= 28 * DAY_MS && date.getMonth() === 0,
    })),
  }
}

function ticksOf(start: number, span: number): { date: Date; step: Step }[] {
  const step = STEPS.find(({ ms }) => span / ms <= MAX_TICKS) ?? months(12)
  const ticks: { date: Date; step: Step }[] = []
  const date = new Date(start)
  step.floor(date)
  while (date.getTime() < start) step.next(date)
  for (; date.getTime() <= start + span; step.next(date)) ticks.push({ date: new Date(date), step })
  return ticks
}
