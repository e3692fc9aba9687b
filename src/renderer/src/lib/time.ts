/** Times are shown in the viewer's zone; UTC is always one hover away. */

const LOCAL = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MONTH = 30.44 * DAY
const YEAR = 365.25 * DAY
const SCALES: readonly [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [YEAR, 'year'],
  [MONTH, 'month'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
]

export const formatLocal = (date: Date): string => LOCAL.format(date)

/** The time of day in the viewer's zone, of a time as ISO 8601. */
export const formatClock = (instant: string): string => CLOCK.format(new Date(instant))

/** 2025-11-20 08:33:22 UTC. */
export const formatUtc = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** How long ago, or in how long: 5 minutes ago, yesterday, in 2 days; below a minute it is just now. */
export function formatRelative(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1_000
  const scale = SCALES.find(([size]) => Math.abs(seconds) >= size)
  return scale === undefined ? 'just now' : RELATIVE.format(Math.trunc(seconds / scale[0]), scale[1])
}

/** A time as ISO 8601; undefined for anything else. */
export function parseInstant(text: string): Date | undefined {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const PG_TIMESTAMPTZ = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,6})?([+-]\d\d)(?::(\d\d))?(?::\d\d)?$/

/**
 * A timestamptz in PostgreSQL's ISO output, for example `2025-11-20 08:33:22.5+00`. Undefined for infinity, years BC and
 * whatever else a Date cannot hold; show the text itself then.
 */
export function parsePgTimestamptz(text: string): Date | undefined {
  const match = PG_TIMESTAMPTZ.exec(text)
  if (match === null) return undefined
  const [, year = '', month, day, hours, minutes, seconds, fraction = '', zoneHours, zoneMinutes = '00'] = match
  if (year.length > 4) return undefined
  return parseInstant(
    `${year}-${month}-${day}T${hours}:${minutes}:${seconds}${fraction.slice(0, 4)}${zoneHours}:${zoneMinutes}`,
  )
}
