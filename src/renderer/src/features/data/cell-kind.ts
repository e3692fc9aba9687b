import type { DataCell, DataColumn } from '#shared/contract/data.ts'

export type CellKind = 'number' | 'boolean' | 'uuid' | 'json' | 'instant' | 'time' | 'binary' | 'text'

const KINDS: readonly [pattern: RegExp, kind: CellKind][] = [
  [/^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b/, 'number'],
  [/^boolean$/, 'boolean'],
  [/^uuid$/, 'uuid'],
  [/^jsonb?$/, 'json'],
  [/^timestamp(\(\d\))? with time zone$/, 'instant'],
  [/^(date|timestamp|time|interval)\b/, 'time'],
  [/^bytea$/, 'binary'],
]

/** How values of a type are shown, by the type as `format_type` writes it. Arrays are shown as text. */
export function cellKind(type: string): CellKind {
  if (type.endsWith('[]')) return 'text'
  return KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'text'
}

export const cellText = (cell: DataCell): string | null =>
  typeof cell === 'object' && cell !== null ? cell.preview : cell

const FIXED_WIDTH: Partial<Record<CellKind, number>> = { uuid: 124, boolean: 84, instant: 168, json: 240, binary: 140 }
const CHARACTER_WIDTH = 7.4
const PADDING = 24
/** Room for the sort arrow and a mark in the header. */
const HEADER_EXTRA = 44
const LEAST_WIDTH = 76
const LARGEST_WIDTH = 300
/** So many rows tell what a column looks like. */
const SAMPLE_ROWS = 60

/** A first width in pixels that shows most values whole and the name always. */
export function columnWidth(column: DataColumn, cells: readonly DataCell[]): number {
  const header = column.name.length * CHARACTER_WIDTH + HEADER_EXTRA
  const fixed = FIXED_WIDTH[cellKind(column.type)]
  const longest = Math.max(0, ...cells.slice(0, SAMPLE_ROWS).map(cell => cellText(cell)?.length ?? 4))
  const content = fixed ?? Math.min(longest * CHARACTER_WIDTH + PADDING, LARGEST_WIDTH)
  return Math.round(Math.max(header, content, LEAST_WIDTH))
}
