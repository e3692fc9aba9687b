import type { StoreHealth } from '#shared/contract/health.ts'
import { formatBytes, formatCount, formatDuration, formatShare } from '../../lib/format.ts'
import { shortVersion } from '../../lib/short-version.ts'

type Figure = StoreHealth['figures'][number]

/** From here on a share warns, as the check itself does. */
export const WARNING_SHARE = 0.8

/** Writes a figure as people read it: bytes in binary units, durations in the units that matter, counts with separators. */
export function writeFigure({ name, value, unit }: Pick<Figure, 'name' | 'value' | 'unit'>): string {
  if (name === 'Version') return shortVersion(value)
  if (unit === 'bytes') return value.replace(/\d+(\.\d+)?/g, formatBytes)
  if (unit === 's' && isNumber(value)) return formatDuration(Number(value) * 1_000)
  if (unit === 'ms' && isNumber(value)) return `${value} ms`
  if (unit !== null) return `${value} ${unit}`
  // “12 of 100” holds two counts; a version such as 15.3 holds none.
  return /^\d+( of \d+)?$/.test(value) ? value.replace(/\d+/g, formatCount) : value
}

/** What is in use but rounds to nothing is not nothing. */
export function writeShare(share: number): string {
  if (share >= WARNING_SHARE) return `${formatShare(share)}, high`
  return share > 0 && share < 0.005 ? '< 1 %' : formatShare(share)
}

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text)
