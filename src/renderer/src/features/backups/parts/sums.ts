import type { TableComparison } from '#shared/contract/backup.model.ts'

/** Counts come as text, because they may be larger than a double holds. */
export const sumCounts = (counts: readonly (string | null)[]): bigint =>
  counts.reduce((sum, count) => sum + BigInt(count ?? '0'), 0n)

export interface ComparisonTotals {
  tables: number
  differing: number
  onlyLeft: bigint
  onlyRight: bigint
  changed: bigint
}

export function totalsOf(tables: readonly TableComparison[]): ComparisonTotals {
  return {
    tables: tables.length,
    differing: tables.filter(table => table.state !== 'equal').length,
    onlyLeft: sumCounts(tables.map(table => table.onlyLeft)),
    onlyRight: sumCounts(tables.map(table => table.onlyRight)),
    changed: sumCounts(tables.map(table => table.changed)),
  }
}

/** The tables that differ most come first; those that are equal last, by name. */
export function byDifference(tables: readonly TableComparison[]): TableComparison[] {
  const weight = (table: TableComparison) => sumCounts([table.onlyLeft, table.onlyRight, table.changed])
  const isEqual = (table: TableComparison) => (table.state === 'equal' ? 1 : 0)
  return [...tables].sort((a, b) => {
    if (isEqual(a) !== isEqual(b)) return isEqual(a) - isEqual(b)
    const difference = weight(b) - weight(a)
    return difference === 0n ? a.table.localeCompare(b.table) : difference > 0n ? 1 : -1
  })
}

export interface BarParts {
  onlyLeft: number
  changed: number
  onlyRight: number
  equal: number
}

/** A part that is there is never too thin to be seen: the least share of a bar, in per cent. */
const LEAST_SHARE = 3

/** How much of a table is of each kind, in per cent of all its rows on both sides. They add up to 100. */
export function barOf(table: TableComparison): BarParts {
  const [onlyLeft, changed, onlyRight] = [Number(table.onlyLeft), Number(table.changed), Number(table.onlyRight)]
  const all = Math.max(Number(table.leftRows ?? 0) + onlyRight, onlyLeft + changed + onlyRight)
  if (all === 0) return { onlyLeft: 0, changed: 0, onlyRight: 0, equal: 100 }
  const share = (rows: number) => (rows === 0 ? 0 : Math.max((rows / all) * 100, LEAST_SHARE))
  const parts = { onlyLeft: share(onlyLeft), changed: share(changed), onlyRight: share(onlyRight) }
  const sum = parts.onlyLeft + parts.changed + parts.onlyRight
  const equalRows = all - onlyLeft - changed - onlyRight
  if (sum <= 100 && (equalRows > 0 || sum === 100)) return { ...parts, equal: 100 - sum }
  const scale = (equalRows > 0 ? 100 - LEAST_SHARE : 100) / sum
  return {
    onlyLeft: parts.onlyLeft * scale,
    changed: parts.changed * scale,
    onlyRight: parts.onlyRight * scale,
    equal: equalRows > 0 ? LEAST_SHARE : 0,
  }
}
