import type { z } from 'zod'
import type { DIFFERENCE_KINDS, DifferencePage } from '#shared/contract/backup.model.ts'
import { AppError } from '#shared/errors.ts'
import { cutPage, decodeCursor } from '../../../connections/postgres/cursor.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { isMaskedColumn, MASK } from '../../data/masking.ts'
import { rowHash } from './row-hash.ts'
import { type ComparedColumn, joinOn, pairOf, readColumns, type TablePair } from './side-columns.ts'

type Page = z.infer<typeof DifferencePage>
type Row = Page['rows'][number]

export interface DifferenceQuery {
  side: string
  live: string
  table: string
  kind: (typeof DIFFERENCE_KINDS)[number]
  limit: number
  cursor?: string | undefined
}

/** Longest cell that is sent whole, in characters. */
const CELL_LIMIT = 2_000
/** A page ends here even when it has fewer rows than asked, counted in characters of cells. */
const PAGE_CHARACTERS = 512 * 1024

interface RawRow {
  left: (string | null)[] | null
  right: (string | null)[] | null
  leftBytes: (number | null)[] | null
  rightBytes: (number | null)[] | null
  changed: boolean[]
  key: (string | null)[]
}

interface Column {
  name: string
  type: string
  isPrimaryKey: boolean
  isMasked: boolean
  isLeft: boolean
  isRight: boolean
  isOwnType: boolean
}

/**
 * One page of the rows in which a table of two schemas differs, in the order of its primary key. Masked values are compared where they
 * are: that one changed is said, neither what it was nor what it is.
 */
export async function readDifferences(tx: ReadTx<'registry'>, query: DifferenceQuery): Promise<Page> {
  const [left, right] = [await readColumns(tx, query.side), await readColumns(tx, query.live)].map(tables =>
    tables.get(query.table),
  )
  if (left === undefined && right === undefined)
    throw new AppError('NOT_FOUND', `There is no table ${query.table} on either side.`)
  const pair = pairOf(left ?? [], right ?? [])
  const columns = columnsOf(left ?? [], right ?? [])
  const key = left === undefined || right === undefined ? keyOf(columns) : pair.key
  requireKey(query.table, key)
  const sources = {
    left: left === undefined ? undefined : quoteQualified(query.side, query.table),
    right: right === undefined ? undefined : quoteQualified(query.live, query.table),
  }
  if (isEmptyKind(query.kind, sources)) return { columns: columns.map(toColumn), rows: [], nextCursor: null }
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, key.length)
  const text = pageSql({ query, pair: { ...pair, key }, columns, sources, after })
  const raw = await tx.rows<RawRow>({ text, values: [...(after ?? []), query.limit + 1] })
  const page = cutPage(raw, Math.min(query.limit, budgetOf(raw)), row => row.key)
  return {
    columns: columns.map(toColumn),
    rows: page.items.map(row => toRow(row, columns)),
    nextCursor: page.nextCursor,
  }
}

interface Sources {
  left: string | undefined
  right: string | undefined
}

/** A side without the table has no rows of its own. */
const isEmptyKind = (kind: DifferenceQuery['kind'], { left, right }: Sources): boolean =>
  (kind !== 'onlyRight' && left === undefined) || (kind !== 'onlyLeft' && right === undefined)

function columnsOf(left: readonly ComparedColumn[], right: readonly ComparedColumn[]): Column[] {
  const all = [...left, ...right.filter(column => !left.some(other => other.name === column.name))]
  return all.map(({ name, type, keyPosition, isOwnType }) => ({
    name,
    type,
    isPrimaryKey: keyPosition !== null,
    isMasked: isMaskedColumn(name),
    isOwnType,
    isLeft: left.some(column => column.name === name),
    isRight: right.some(column => column.name === name),
  }))
}

const toColumn = ({ name, type, isPrimaryKey, isMasked }: Column) => ({ name, type, isPrimaryKey, isMasked })

const keyOf = (columns: readonly Column[]): TablePair['key'] =>
  columns.filter(column => column.isPrimaryKey).map(({ name, isOwnType }) => ({ name, isText: isOwnType }))

function requireKey(table: string, key: TablePair['key']): void {
  if (key.length === 0) {
    throw new AppError(
      'UNSUPPORTED',
      `The table ${table} has no primary key that both sides share; its rows are counted, not shown.`,
    )
  }
  if (key.some(({ name }) => isMaskedColumn(name))) {
    throw new AppError(
      'UNSUPPORTED',
      `The key of the table ${table} is personal data; its rows are counted, not shown.`,
    )
  }
}

interface PageWork {
  query: DifferenceQuery
  pair: TablePair
  columns: readonly Column[]
  sources: Sources
  after: readonly (string | null)[] | undefined
}

function pageSql({ query, pair, columns, sources, after }: PageWork): string {
  const base = query.kind === 'onlyRight' ? 'r' : 'l'
  const keys = pair.key.map(({ name, isText }) => `${base}.${quoteIdentifier(name)}${isText ? '::text' : ''}`)
  const typeOf = new Map(columns.map(column => [column.name, column.type]))
  const places = pair.key.map(
    ({ name, isText }, index) => `$${index + 1}::text${isText ? '' : `::${typeOf.get(name)}`}`,
  )
  const join = joinOn(pair.key, 'l', 'r')
  const unmatched = (other: string | undefined, alias: string) =>
    other === undefined ? 'true' : `not exists (select from ${other} ${alias} where ${join})`
  const from = {
    onlyLeft: `${sources.left} l where ${unmatched(sources.right, 'r')}`,
    onlyRight: `${sources.right} r where ${unmatched(sources.left, 'l')}`,
    changed: `${sources.left} l join ${sources.right} r on ${join} where ${rowHash(pair.common, 'l')} <> ${rowHash(pair.common, 'r')}`,
  }[query.kind]
  const sides = { left: query.kind !== 'onlyRight', right: query.kind !== 'onlyLeft' }
  const changed = columns.map(column => {
    const name = quoteIdentifier(column.name)
    return query.kind === 'changed' && column.isLeft && column.isRight
      ? `l.${name}::text is distinct from r.${name}::text`
      : 'false'
  })
  return `select ${sideSql(columns, sides.left ? 'l' : undefined, 'left')}, ${sideSql(columns, sides.right ? 'r' : undefined, 'right')},
      array[${changed.join(', ')}]::boolean[] as changed, array[${keys.map(key => `${key}::text`).join(', ')}]::text[] as key
    from ${from} ${after === undefined ? '' : `and (${keys.join(', ')}) > (${places.join(', ')})`}
    order by ${keys.join(', ')} limit $${(after?.length ?? 0) + 1}`
}

/** A masked value is not read at all, only whether it is NULL. */
function sideSql(columns: readonly Column[], alias: 'l' | 'r' | undefined, name: 'left' | 'right'): string {
  if (alias === undefined) return `null as "${name}", null as "${name}Bytes"`
  const isThere = (column: Column) => (alias === 'l' ? column.isLeft : column.isRight)
  const cells = columns.map(column => {
    const value = `${alias}.${quoteIdentifier(column.name)}`
    if (!isThere(column)) return 'null'
    return column.isMasked ? `case when ${value} is null then null else '' end` : `left(${value}::text, ${CELL_LIMIT})`
  })
  const bytes = columns.map(column => {
    const text = `${alias}.${quoteIdentifier(column.name)}::text`
    if (!isThere(column) || column.isMasked) return 'null'
    return `case when length(${text}) > ${CELL_LIMIT} then octet_length(${text}) end`
  })
  return `array[${cells.join(', ')}]::text[] as "${name}", array[${bytes.join(', ')}]::int[] as "${name}Bytes"`
}

/** Rows that fit the budget; one always does. */
function budgetOf(rows: readonly RawRow[]): number {
  let characters = 0
  for (const [index, row] of rows.entries()) {
    for (const cell of [...(row.left ?? []), ...(row.right ?? [])]) characters += (cell?.length ?? 0) + 4
    if (characters > PAGE_CHARACTERS && index > 0) return index
  }
  return rows.length
}

function toRow({ left, right, leftBytes, rightBytes, changed }: RawRow, columns: readonly Column[]): Row {
  const cells = (values: (string | null)[] | null, bytes: (number | null)[] | null) =>
    values === null
      ? null
      : values.map((value, index) => {
          if (value === null) return null
          if (columns[index]?.isMasked === true) return MASK
          const size = bytes?.[index] ?? null
          return size === null ? value : { preview: value, bytes: size }
        })
  return {
    left: cells(left, leftBytes),
    right: cells(right, rightBytes),
    changed: columns.filter((_, index) => changed[index] === true).map(column => column.name),
  }
}
