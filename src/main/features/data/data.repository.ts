import type { DataColumn, DataTable } from '#shared/contract/data.ts'
import type { ReadTx } from '../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../connections/postgres/identifier.ts'
import { isMaskedColumn } from './masking.ts'

/** A column with what paging needs to know about it. */
export interface ColumnShape extends DataColumn {
  /** Position in the primary key, from 1; null outside it. */
  keyPosition: number | null
}

export const selectTables = async (tx: ReadTx<'tenant'>): Promise<DataTable[]> =>
  await tx.rows<DataTable>({
    text: `select c.relname as name, case when c.reltuples < 0 then null else c.reltuples::bigint::text end as "rowsEstimate",
        pg_total_relation_size(c.oid)::text as "sizeBytes", obj_description(c.oid, 'pg_class') as comment
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p', 'm') and not c.relispartition
      order by c.relname`,
    values: [tx.schema],
  })

/** Columns in their order; empty when the schema has no such table. */
export async function selectColumns(tx: ReadTx<'tenant'>, table: string): Promise<ColumnShape[]> {
  const columns = await tx.rows<Omit<ColumnShape, 'isMasked'>>({
    text: `with relation as (
        select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'm')
      ), key as (
        select i.indrelid, k.attnum, k.position
        from relation r join pg_index i on i.indrelid = r.oid and i.indisprimary,
             unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
      )
      select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
        key.position is not null as "isPrimaryKey", key.position::int as "keyPosition",
        exists (
          select 1 from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
          where i.indrelid = a.attrelid and i.indkey[0] = a.attnum and i.indisvalid and i.indpred is null and m.amname = 'btree'
        ) as "isSortable",
        (select f.relname from pg_constraint k join pg_class f on f.oid = k.confrelid
          where k.conrelid = a.attrelid and k.contype = 'f' and k.conkey = array[a.attnum] limit 1) as references
      from relation r
      join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      left join key on key.attnum = a.attnum
      order by a.attnum`,
    values: [tx.schema, table],
  })
  return columns.map(column => {
    const isMasked = isMaskedColumn(column.name)
    // The order of masked values would tell what they are.
    return { ...column, isMasked, isSortable: column.isSortable && !isMasked }
  })
}

export interface PageQuery {
  table: string
  columns: readonly ColumnShape[]
  /** Columns that order the page and make its cursor: the sort column, then the primary key. */
  order: readonly ColumnShape[]
  direction: 'asc' | 'desc'
  limit: number
  /** Values of `order` in the last row of the page before, as text. */
  after: readonly (string | null)[] | undefined
}

/** Longest cell that is sent whole, in characters; longer ones arrive cut, with their size. */
export const CELL_LIMIT = 2_000

/** One row: cells as text, the byte sizes of cut cells by position, and the values of the order columns. */
export interface RawRow {
  cells: (string | null)[]
  sizes: (number | null)[]
  key: (string | null)[]
}

/** Part of an ordered table that one index range answers. */
interface Run {
  nulls: 'any' | 'only' | 'none'
  after: readonly (string | null)[] | undefined
}

/**
 * Reads one page by key. Every value is read as text in PostgreSQL's own form; a masked column is not read at all, only
 * whether it is NULL. Ascending puts NULL last and descending first, which is how a b-tree index is stored.
 */
export async function selectPage(tx: ReadTx<'tenant'>, query: PageQuery): Promise<RawRow[]> {
  const rows: RawRow[] = []
  for (const run of runsOf(query)) {
    if (rows.length < query.limit)
      rows.push(...(await selectRun(tx, query, { ...run, limit: query.limit - rows.length })))
  }
  return rows
}

/**
 * Only the sort column can be NULL (primary keys cannot), so the NULL rows are one run at an end of the order, paged by primary
 * key. Each run is a query of its own: one condition over both with OR would keep the index from being used.
 */
function runsOf(query: PageQuery): Run[] {
  const { after, direction } = query
  if (after === undefined) return [{ nulls: 'any', after }]
  const isInNulls = after[0] === null
  const here: Run = { nulls: isInNulls ? 'only' : 'none', after }
  const isNullable = query.order[0]?.nullable === true
  const isMoreBehind = isNullable && (direction === 'asc' ? !isInNulls : isInNulls)
  return isMoreBehind ? [here, { nulls: isInNulls ? 'none' : 'only', after: undefined }] : [here]
}

async function selectRun(tx: ReadTx<'tenant'>, query: PageQuery, run: Run & { limit: number }): Promise<RawRow[]> {
  const [sort] = query.order
  if (sort === undefined) return []
  // Written out rather than built by knex: knex reads a dot, an ` as ` or a `?` inside a name as syntax, and a table of one
  // tenant may bear the name of another tenant's schema.
  const direction = query.direction === 'asc' ? 'asc' : 'desc'
  const values: unknown[] = []
  const conditions: string[] = []
  if (run.nulls === 'only') conditions.push(`${column(sort)} is null`)
  if (run.nulls === 'none' && sort.nullable) conditions.push(`${column(sort)} is not null`)
  if (run.after !== undefined) {
    const skipped = run.nulls === 'only' ? 1 : 0
    const key = query.order.slice(skipped)
    const places = key.map((part, index) => {
      values.push(run.after?.[index + skipped] ?? '')
      return `$${values.length}::text::${part.type}`
    })
    conditions.push(`(${key.map(column).join(', ')}) ${direction === 'asc' ? '>' : '<'} (${places.join(', ')})`)
  }
  values.push(run.limit)
  return await tx.rows<RawRow>({
    text: `select array[${query.columns.map(cellSql).join(', ')}]::text[] as cells,
        array[${query.columns.map(sizeSql).join(', ')}]::int[] as sizes,
        array[${query.order.map(part => `${column(part)}::text`).join(', ')}] as key
      from ${quoteQualified(tx.schema, query.table)}
      ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
      order by ${query.order.map(part => `${column(part)} ${direction}`).join(', ')}
      limit $${values.length}`,
    values,
  })
}

const column = (shape: ColumnShape): string => quoteIdentifier(shape.name)

/** A masked column is not read at all, only whether it is NULL. */
const cellSql = (shape: ColumnShape): string =>
  shape.isMasked
    ? `case when ${column(shape)} is null then null else '' end`
    : `left(${column(shape)}::text, ${CELL_LIMIT})`

/** Only types of any length can be too long for a cell. */
const isLong = (shape: ColumnShape): boolean =>
  !shape.isMasked && /^(text|citext|jsonb?|bytea|xml|character varying.*|.*\[\])$|\.citext$/.test(shape.type)

const sizeSql = (shape: ColumnShape): string =>
  isLong(shape)
    ? `case when length(${column(shape)}::text) > ${CELL_LIMIT} then octet_length(${column(shape)}::text) end`
    : 'null'
