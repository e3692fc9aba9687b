import type { ReadTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { PREVIEW_CHARACTERS } from '../archive/copy-text-long.ts'
import type { ArchivedColumn } from '../archive/manifest.ts'
import { COPY_SETTINGS } from '../archive/snapshot.ts'
import type { CellColumn } from '../browse/cells.ts'

/** A row as it is now. */
export interface LiveRow {
  key: string[]
  /** First characters of each value; of a masked one only whether it is NULL. */
  cells: (string | null)[]
  /** Bytes of values that were cut. */
  sizes: (number | null)[]
  /** SHA-256 of each whole value. They stay in this process: a masked value could be guessed from its hash. */
  hashes: (string | null)[]
}

export interface LiveRowsQuery {
  table: string
  columns: readonly CellColumn[]
  keyColumns: readonly ArchivedColumn[]
  keys: readonly (readonly string[])[]
}

export async function selectLiveRows(tx: ReadTx<'tenant'>, query: LiveRowsQuery): Promise<LiveRow[]> {
  await tx.rows({ text: COPY_SETTINGS })
  const { columns, keyColumns, keys } = query
  const names = keyColumns.map((_, index) => `k${index}`)
  return await tx.rows<LiveRow>({
    text: `select array[${keyColumns.map(textSql).join(', ')}]::text[] as key,
        array[${columns.map(cellSql).join(', ')}]::text[] as cells,
        array[${columns.map(sizeSql).join(', ')}]::int[] as sizes,
        array[${columns.map(hashSql).join(', ')}]::text[] as hashes
      from ${quoteQualified(tx.schema, query.table)} as t
      where (${keyColumns.map(columnSql).join(', ')}) in (
        select ${keyColumns.map(({ type }, index) => `wanted.k${index}::${type}`).join(', ')}
        from unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) as wanted (${names.join(', ')}))`,
    values: keyColumns.map((_, index) => keys.map(key => key[index] ?? '')),
  })
}

const columnSql = ({ name }: { name: string }): string => `t.${quoteIdentifier(name)}`

/** By the type's output function, as COPY writes it: a cast to text differs for some (boolean, character(n)). */
const textSql = (column: { name: string }): string => `format('%s', ${columnSql(column)})`

const unlessNull = (column: { name: string }, sql: string): string =>
  `case when ${columnSql(column)} is not null then ${sql} end`

const cellSql = (column: CellColumn): string =>
  unlessNull(column, column.isMasked ? `''` : `left(${textSql(column)}, ${PREVIEW_CHARACTERS})`)

const sizeSql = (column: CellColumn): string =>
  column.isMasked
    ? 'null'
    : `case when length(${textSql(column)}) > ${PREVIEW_CHARACTERS} then octet_length(convert_to(${textSql(column)}, 'UTF8')) end`

const hashSql = (column: CellColumn): string =>
  unlessNull(column, `encode(sha256(convert_to(${textSql(column)}, 'UTF8')), 'hex')`)
