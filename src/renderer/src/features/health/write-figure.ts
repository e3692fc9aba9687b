import type { StoreHealth } from '#shared/contract/health.ts'
import { formatBytes, formatCount, formatDuration } from '../../lib/format.ts'

type Figure = StoreHealth['figures'][number]

/** Writes a figure as people read it: bytes in binary units, durations in the units that matter, counts with separators. */
export function writeFigure({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (unit === 'bytes') return value.replace(/\d+(\.\d+)?/g, formatBytes)
  if (unit === 's' && isNumber(value)) return formatDuration(Number(value) * 1_000)
  if (unit === 'ms' && isNumber(value)) return `${value} ms`
  if (unit !== null) return `${value} ${unit}`
  // “12 of 100” holds two counts; a version such as 15.3 holds none.
  return /^\d+( of \d+)?$/.test(value) ? value.replace(/\d+/g, formatCount) : value
}

const isNumber = (text: string): boolean => /^\d+(\.\d+)?$/.test(text)
