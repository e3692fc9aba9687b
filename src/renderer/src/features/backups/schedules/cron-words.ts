/** Cron expressions of five fields in plain words. What has no plain reading gets none; the expression itself is always shown. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const SHORT = 3
/** More times of a day are not listed one by one. */
const MOST_TIMES = 4

interface Field {
  min: number
  max: number
  names?: readonly string[]
  /** What the first name stands for. */
  base?: number
}

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS, base: 1 },
  { min: 0, max: 7, names: DAYS, base: 0 },
]

/** The values of a field; null for every one of them; undefined where it makes no sense. */
type Values = readonly number[] | null | undefined

function numberOf(text: string, { names, base = 0 }: Field): number {
  const named = names?.findIndex(name => name.slice(0, SHORT).toLowerCase() === text.toLowerCase()) ?? -1
  if (named >= 0) return named + base
  return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
}

function valuesOf(text: string, field: Field): Values {
  if (text === '*') return null
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', stepText, ...rest] = part.split('/')
    const step = stepText === undefined ? 1 : Number(stepText)
    const [fromText = '', toText, ...more] = range === '*' ? [String(field.min), String(field.max)] : range.split('-')
    const from = numberOf(fromText, field)
    const to = toText === undefined ? (stepText === undefined ? from : field.max) : numberOf(toText, field)
    const isSound =
      rest.length === 0 &&
      more.length === 0 &&
      Number.isInteger(step) &&
      step >= 1 &&
      from >= field.min &&
      to <= field.max
    if (!isSound || !(from <= to)) return undefined
    for (let value = from; value <= to; value += step) values.add(value)
  }
  return [...values].sort((a, b) => a - b)
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

const clock = (hour: number, minute: number): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`

/** “at 02:00”, “every 15 minutes”, “at minute 5 of every hour”. */
function timeWords(minutes: Values, hours: Values, [minuteText, hourText]: readonly string[]): string | undefined {
  const everyMinutes = /^\*\/(\d+)$/.exec(minuteText ?? '')?.[1]
  if (hours === null) {
    if (minutes === null) return 'every minute'
    if (everyMinutes !== undefined && 60 % Number(everyMinutes) === 0) return `every ${everyMinutes} minutes`
    return minutes === undefined ? undefined : `every hour at minute ${listed(minutes.map(String))}`
  }
  if (minutes === null || minutes === undefined || hours === undefined) return undefined
  const times = hours.flatMap(hour => minutes.map(minute => clock(hour, minute)))
  if (times.length <= MOST_TIMES) return `at ${listed(times)} UTC`
  const everyHours = /^\*\/(\d+)$/.exec(hourText ?? '')?.[1]
  if (everyHours !== undefined && 24 % Number(everyHours) === 0 && minutes.length === 1) {
    return `every ${everyHours} hours at minute ${minutes[0]}`
  }
  return undefined
}

function weekdayWords(days: readonly number[]): string {
  const unique = [...new Set(days.map(day => day % 7))].sort((a, b) => a - b)
  if (unique.join() === '1,2,3,4,5') return 'Monday to Friday'
  if (unique.join() === '0,6') return 'Saturday and Sunday'
  return listed(unique.map(day => DAYS[day] ?? ''))
}

function dayWords(days: Values, weekdays: Values): string {
  const dates = days == null ? undefined : `day ${listed(days.map(String))} of the month`
  const names = weekdays == null ? undefined : weekdayWords(weekdays)
  if (dates === undefined && names === undefined) return 'every day'
  // Cron takes a day that fits either.
  if (dates !== undefined && names !== undefined) return `on ${dates} and on ${names}`
  return dates === undefined ? `every ${names}` : `on ${dates}`
}

export interface CronReading {
  isSound: boolean
  /** “Every day at 02:00 UTC”; undefined where there is no plain reading. */
  words: string | undefined
}

/** @param expression five fields: minute, hour, day of the month, month, day of the week; all in UTC */
export function readCron(expression: string): CronReading {
  const texts = expression.trim().split(/\s+/)
  const values = FIELDS.map((field, index) => valuesOf(texts[index] ?? '', field))
  if (texts.length !== FIELDS.length || values.some(value => value === undefined)) {
    return { isSound: false, words: undefined }
  }
  const [minutes, hours, days, months, weekdays] = values
  const time = timeWords(minutes, hours, texts)
  if (time === undefined) return { isSound: true, words: undefined }
  const inMonths = months == null ? '' : ` in ${listed(months.map(month => MONTHS[month - 1] ?? ''))}`
  const isEveryDay = days == null && weekdays == null
  const day = isEveryDay && time.startsWith('every') ? '' : dayWords(days, weekdays)
  const sentence = day === '' ? `${time}${inMonths}` : `${day}${inMonths} ${time}`
  return { isSound: true, words: `${sentence[0]?.toUpperCase()}${sentence.slice(1)}` }
}
