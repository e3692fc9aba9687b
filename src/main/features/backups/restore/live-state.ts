import type { ReadTx, Space } from '../../../connections/postgres/database.ts'
import { quoteQualified } from '../../../connections/postgres/identifier.ts'
import { type HashedColumn, rowHash } from './row-hash.ts'
import { readColumns } from './side-columns.ts'

/** What one table holds, as a number of rows and a sum over them that any change of a row alters. */
export interface TableState {
  table: string
  /** A count, as text. */
  rows: string
  /** Sum of 64-bit hashes of the rows, as text. The order of rows does not matter. */
  hash: string
}

/** Tables of a schema that hold rows, in the order of their names; parts of partitioned tables are read through these. */
export async function tablesOf<S extends Space>(tx: ReadTx<S>, schema: string): Promise<string[]> {
  const found = await tx.rows<{ name: string }>({
    text: `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition order by c.relname collate "C"`,
    values: [schema],
  })
  return found.map(row => row.name)
}

/**
 * The state of a schema's rows as the transaction sees it. Two states are equal exactly when every table has the same rows, but for
 * collisions of 64-bit hashes. Reads every row on the server and sends one line per table. A schema that was renamed since the
 * transaction's snapshot still has its earlier name in the catalog there, while statements find its tables under the new one: `renamed`.
 */
export async function readLiveState<S extends Space>(
  tx: ReadTx<S>,
  schema: string,
  renamed: string = schema,
): Promise<TableState[]> {
  const columns = await readColumns(tx, schema)
  const states: TableState[] = []
  for (const table of await tablesOf(tx, schema)) {
    states.push(await readTableState(tx, { schema: renamed, table, columns: columns.get(table) ?? [] }))
  }
  return states
}

export async function readTableState<S extends Space>(
  tx: ReadTx<S>,
  { schema, table, columns }: { schema: string; table: string; columns: readonly HashedColumn[] },
): Promise<TableState> {
  const found = await tx.row<{ rows: string; hash: string }>({
    text: `select count(*)::text as rows, coalesce(sum(${rowHash(columns, 't')}), 0)::text as hash
      from ${quoteQualified(schema, table)} t`,
  })
  return { table, rows: found?.rows ?? '0', hash: found?.hash ?? '0' }
}

export interface StateChange {
  table: string
  rowsBefore: string
  rowsNow: string
}

/** Tables whose rows differ between two states; a table that one of them lacks has no rows there. */
export function changedTables(before: readonly TableState[], now: readonly TableState[]): StateChange[] {
  const old = new Map(before.map(state => [state.table, state]))
  const present = new Map(now.map(state => [state.table, state]))
  return [...new Set([...old.keys(), ...present.keys()])].sort().flatMap(table => {
    const a = old.get(table)
    const b = present.get(table)
    if (a !== undefined && b !== undefined && a.rows === b.rows && a.hash === b.hash) return []
    return [{ table, rowsBefore: a?.rows ?? '0', rowsNow: b?.rows ?? '0' }]
  })
}
