import { createHash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { copyIn, copyOut } from '../../../connections/postgres/copy.ts'
import type { DbSession, WriteTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { type ArchivedTable, damaged } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'
import { COPY_SETTINGS } from '../archive/snapshot.ts'

/** Where rows of an archive are loaded to. */
export interface Side {
  schema: string
  archive: Archive
  signal: AbortSignal
  /** Changes the text of a table with these columns on its way; undefined where it passes as it is. */
  transform?: ((columns: readonly string[]) => Transform | undefined) | undefined
}

/** Nothing of a side schema is promised before its row says `ready`; the commit that says so makes all of this durable too. */
export const LATER_DURABLE = 'set local synchronous_commit to off'

const WITHOUT_LIMITS = { statementTimeoutMs: 0, lockTimeoutMs: 30_000 }

/** A transaction in the side schema, without a limit of time. */
export const inSide = <T>(
  session: DbSession<'registry'>,
  schema: string,
  work: (tx: WriteTx<'tenant'>) => Promise<T>,
): Promise<T> => session.write(tx => tx.inSchema('tenant', schema, work), WITHOUT_LIMITS)

const columnsOf = (table: ArchivedTable): string =>
  table.columns.length === 0 ? '' : `(${table.columns.map(column => quoteIdentifier(column.name)).join(', ')})`

/**
 * Loads one table in its own transaction. Emptied in it first, COPY appends without looking for free space (so rows keep the archive's
 * order) and may write them frozen, which spares writing each page again later.
 * https://www.postgresql.org/docs/current/sql-copy.html
 */
export async function loadTable(
  session: DbSession<'registry'>,
  { schema, archive, signal, transform }: Side,
  load: { table: ArchivedTable; onBytes: (bytes: number) => void },
): Promise<void> {
  const { table, onBytes } = load
  await inSide(session, schema, async tx => {
    const name = quoteQualified(schema, table.name)
    await tx.script(`${COPY_SETTINGS}; ${LATER_DURABLE}; truncate only ${name}`)
    const target = copyIn(tx.connection, `copy ${name} ${columnsOf(table)} from stdin with (freeze)`)
    const counted = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        onBytes(chunk.length)
        yield chunk
      }
    }
    const changing = transform?.(table.columns.map(column => column.name))
    const source = archive.copyText(table, signal)
    const loading =
      changing === undefined ? pipeline(source, counted, target) : pipeline(source, counted, changing, target)
    await loading.catch(async (error: unknown) => {
      // The server's own words, where it was the server; and the connection must be at rest before its rollback.
      await target.done.catch(() => undefined)
      throw error
    })
    const rows = await target.done
    if (rows !== table.rows) throw damaged(`table "${table.name}" has ${rows} rows, not ${table.rows}`)
  })
}

/** Rows that definitions wrote themselves, in tables that are empty in the archive. */
export async function emptyTables(tx: WriteTx<'tenant'>, tables: readonly ArchivedTable[]): Promise<void> {
  const empty = tables.filter(table => table.object === null)
  if (empty.length === 0) return
  const parts = empty.map(
    (table, index) =>
      `select ${index} as index where exists (select from only ${quoteQualified(tx.schema, table.name)})`,
  )
  const found = await tx.rows<{ index: number }>({ text: parts.join(' union all ') })
  const names = found.map(({ index }) => `only ${quoteQualified(tx.schema, empty[index]?.name ?? '')}`)
  if (names.length > 0) await tx.script(`truncate ${names.join(', ')}`)
}

export interface ReadBack {
  table: string
  rows: number
  sha256: string
}

/** Reads a table as COPY writes it, in heap order, and hashes the text: equal to the archive's exactly when every byte is. */
export async function readBack(
  session: DbSession<'registry'>,
  schema: string,
  { table, onBytes }: { table: ArchivedTable; onBytes?: (bytes: number) => void },
): Promise<ReadBack> {
  return await inSide(session, schema, async tx => {
    await tx.script(COPY_SETTINGS)
    const source = copyOut(tx.connection, `copy ${quoteQualified(schema, table.name)} ${columnsOf(table)} to stdout`)
    const hash = createHash('sha256')
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      onBytes?.(chunk.length)
    }
    return { table: table.name, rows: await source.done, sha256: hash.digest('hex') }
  })
}
