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

/** PostgreSQL's own short names: timestamptz, varchar(20). */
export const shortType = (type: string): string =>
  type
    .replace(/^time(stamp)?(\(\d\))? with time zone/, (_all, stamp = '', digits = '') => `time${stamp}tz${digits}`)
    .replace(/^(time(?:stamp)?(?:\(\d\))?) without time zone/, '$1')
    .replace(/^character varying/, 'varchar')
    .replace(/^character\b/, 'char')
    .replace(/^double precision/, 'float8')

export const cellText = (cell: DataCell): string | null =>
  typeof cell === 'object' && cell !== null ? cell.preview : cell

/** What copying a cell takes: nothing of NULL or of a masked value, the sent part of a long one. */
export const copyableText = (column: DataColumn, cell: DataCell): string | null =>
  column.isMasked ? null : cellText(cell)

const FIXED_WIDTH: Partial<Record<CellKind, number>> = { uuid: 128, boolean: 84, instant: 184, json: 240, binary: 140 }
/** Generous averages of the fonts, in pixels. */
const CHARACTER_WIDTH = 8
const DIGIT_WIDTH = 8.8
const WIDE_KINDS: readonly CellKind[] = ['number', 'time']
const SMALL_CHARACTER_WIDTH = 6.2
const PADDING = 24
/** Room for the sort arrow and a mark in the header. */
const HEADER_EXTRA = 44
const LEAST_WIDTH = 76
const MASKED_WIDTH = 100
const LARGEST_WIDTH = 300
const LARGEST_HEADER = 260
/** So many rows tell what a column looks like. */
const SAMPLE_ROWS = 60

/** A first width in pixels that shows most values whole, and the name and type unless they are extreme. */
export function columnWidth(column: DataColumn, cells: readonly DataCell[]): number {
  const name = column.name.length * CHARACTER_WIDTH + HEADER_EXTRA
  const detail = headerDetail(column).length * SMALL_CHARACTER_WIDTH + PADDING
  const header = Math.min(Math.max(name, detail), LARGEST_HEADER)
  const fixed = column.isMasked ? MASKED_WIDTH : FIXED_WIDTH[cellKind(column.type)]
  const longest = Math.max(0, ...cells.slice(0, SAMPLE_ROWS).map(cell => cellText(cell)?.length ?? 4))
  const character = WIDE_KINDS.includes(cellKind(column.type)) ? DIGIT_WIDTH : CHARACTER_WIDTH
  const content = fixed ?? Math.min(longest * character + PADDING, LARGEST_WIDTH)
  return Math.round(Math.max(header, content, LEAST_WIDTH))
}

/** The second line of a column's header: its type, and where a foreign key points to. */
export const headerDetail = ({ type, references }: DataColumn): string =>
  references === null ? shortType(type) : `${shortType(type)} → ${references}`
