/** How numbers, sizes and durations are written everywhere in the console. */

const COUNT = new Intl.NumberFormat('en')
const ONE_DIGIT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const STEP = 1024

/** 1234567 → 1,234,567. Takes the text of an int8 too, whole at any length. */
export function formatCount(value: number | string): string {
  if (typeof value === 'number') return COUNT.format(value)
  return /^-?\d+$/.test(value) ? COUNT.format(BigInt(value)) : value
}

/** 2 → 2 tenants, 1 → 1 tenant. */
export const formatPlural = (count: number, singular: string, plural = `${singular}s`): string =>
  `${formatCount(count)} ${count === 1 ? singular : plural}`

/** 1234567 → 1.2M; for estimates that claim no exactness. */
export const formatEstimate = (value: number | string): string => COMPACT.format(Number(value)).replace('K', 'k')

/** Bytes in binary units with at most three digits before and one after the point: 1536 → 1.5 KiB. */
export function formatBytes(value: number | string): string {
  let amount = Number(value)
  let unit = 0
  // 1023.95 would be written as 1,024.
  while (Math.abs(amount) >= STEP - 0.05 && unit < BYTE_UNITS.length - 1) {
    amount /= STEP
    unit += 1
  }
  return `${ONE_DIGIT.format(amount)} ${BYTE_UNITS[unit]}`
}

/** Milliseconds as the two largest units that matter: 34 ms, 1.2 s, 2 min 5 s, 3 h 4 min. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1) return '< 1 ms'
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 59_950) return `${ONE_DIGIT.format(milliseconds / 1_000)} s`
  const seconds = Math.round(milliseconds / 1_000)
  return seconds < 3_600 ? inSixties(seconds, ['min', 's']) : inSixties(Math.round(seconds / 60), ['h', 'min'])
}

function inSixties(amount: number, [large, small]: readonly [string, string]): string {
  const rest = amount % 60
  return `${Math.floor(amount / 60)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

/** 0.734 → 73 %. */
export const formatShare = (share: number): string => `${Math.round(share * 100)} %`

/** The head of an id, enough to tell two apart on a screen. */
export const shortId = (id: string): string => id.slice(0, 8)
