/** Days are whole numbers, days since 1970-01-01: arithmetic without time zones. */
export type Day = number

const MS_PER_DAY = 86_400_000

export function dayOf(date: string): Day {
  const ms = Date.parse(`${date}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(ms)) throw new RangeError(`Not a date (YYYY-MM-DD): ${date}`)
  return ms / MS_PER_DAY
}

export const dayOfParts = (year: number, month: number, date: number): Day =>
  Date.UTC(year, month - 1, date) / MS_PER_DAY
export const dateOf = (day: Day): string => new Date(day * MS_PER_DAY).toISOString().slice(0, 10)
export const yearOf = (day: Day): number => new Date(day * MS_PER_DAY).getUTCFullYear()

/** An instant of that day, in UTC. */
export const instantOf = (day: Day, minuteOfDay: number): string =>
  new Date(day * MS_PER_DAY + minuteOfDay * 60_000).toISOString()

export interface Month {
  /** YYYY-MM */
  label: string
  first: Day
  last: Day
}

/** The `count` months that end with the month of `asOf`, oldest first. */
export function monthsUntil(asOf: Day, count: number): Month[] {
  const year = yearOf(asOf)
  const month = new Date(asOf * MS_PER_DAY).getUTCMonth() + 1
  return Array.from({ length: count }, (_, i) => {
    const first = dayOfParts(year, month - count + 1 + i, 1)
    return { label: dateOf(first).slice(0, 7), first, last: dayOfParts(year, month - count + 2 + i, 0) }
  })
}

/** Holidays on fixed dates; those that follow the moon are left to the organization. */
const HOLIDAYS = [
  { monthDay: '01-26', name: 'Republic Day' },
  { monthDay: '05-01', name: 'Labour Day' },
  { monthDay: '08-15', name: 'Independence Day' },
  { monthDay: '10-02', name: 'Gandhi Jayanti' },
  { monthDay: '12-25', name: 'Christmas Day' },
] as const

export const holidaysOf = (year: number): { date: string; name: string }[] =>
  HOLIDAYS.map(({ monthDay, name }) => ({ date: `${year}-${monthDay}`, name }))

/** Monday to Friday without holidays: the working week of the default data. */
export function isWorkingDay(day: Day): boolean {
  const weekday = (((day + 3) % 7) + 7) % 7 // 1970-01-01 was a Thursday; 0 is Monday
  const monthDay = dateOf(day).slice(5)
  return weekday < 5 && !HOLIDAYS.some(holiday => holiday.monthDay === monthDay)
}

export function workingDays(first: Day, last: Day): number {
  let count = 0
  for (let day = first; day <= last; day++) if (isWorkingDay(day)) count++
  return count
}

/** The day on which `count` working days, counted from `first` on, are complete. */
export function lastOfWorkingDays(first: Day, count: number): Day {
  let day = first
  for (let left = isWorkingDay(day) ? count - 1 : count; left > 0; ) if (isWorkingDay(++day)) left--
  return day
}
