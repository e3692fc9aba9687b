import type pg from 'pg'
import { quoteIdentifier } from '../../../connections/postgres/identifier.ts'

/** What makes a new database sort and store text as the dumped one does. */
export interface DatabaseLocale {
  encoding: string
  provider: 'libc' | 'icu' | 'builtin'
  collate: string
  ctype: string
  /** Of the providers icu and builtin. */
  locale: string | null
}

export interface DatabaseFacts {
  serverVersion: string
  serverMajor: number
  /** Bytes on the server's disk, indexes included. */
  sizeBytes: number
  tables: number
  locale: DatabaseLocale
  locks: { needed: number; inUse: number; capacity: number }
}

/**
 * Tables whose rows pg_dump writes. Those of extensions come with CREATE EXTENSION, unless the extension marks them as
 * configuration, which is left out of the count.
 */
const DUMPED_TABLES = `
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
    and not exists (select 1 from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

/**
 * pg_dump keeps a lock until its end on every table and partitioned table (LOCK TABLE), on every view and materialised view whose
 * definition it asks for, and before version 18 on every sequence whose value it reads.
 */
const LOCKED_RELATIONS = `
  select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relpersistence <> 't'
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'`
/** Catalogues and their indexes: 161 measured with pg_dump 15. */
const CATALOGUE_LOCKS = 200

export async function databaseFacts(client: pg.Client): Promise<DatabaseFacts> {
  const found = await client.query<{
    version: string
    number: number
    size: string
    tables: number
    needed: number
    in_use: number
    capacity: number
    encoding: string
  }>(`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int as number,
      pg_database_size(current_database())::text as size,
      (select count(*)::int ${DUMPED_TABLES}) as tables,
      (${LOCKED_RELATIONS})::int + ${CATALOGUE_LOCKS} as needed,
      (select count(distinct (locktype, database, relation, page, tuple, virtualxid, transactionid::text, classid, objid))::int
        from pg_locks where not fastpath) as in_use,
      current_setting('max_locks_per_transaction')::int
        * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) as capacity,
      pg_encoding_to_char(encoding) as encoding
    from pg_database where datname = current_database()`)
  const row = found.rows[0]
  if (row === undefined) throw new Error('The database is not in its own catalogue')
  return {
    serverVersion: row.version,
    serverMajor: Math.trunc(row.number / 10_000),
    sizeBytes: Number(row.size),
    tables: row.tables,
    locale: await localeOf(client, row.encoding),
    locks: { needed: row.needed, inUse: row.in_use, capacity: row.capacity },
  }
}

const PROVIDERS: Readonly<Record<string, DatabaseLocale['provider']>> = { c: 'libc', i: 'icu', b: 'builtin' }

/** Read as JSON because the columns differ: daticulocale came with 15, datlocale in its place with 17. */
async function localeOf(client: pg.Client, encoding: string): Promise<DatabaseLocale> {
  const found = await client.query<{ database: Record<string, unknown> }>(
    'select to_jsonb(d) as database from pg_database d where datname = current_database()',
  )
  const value: unknown = found.rows[0]?.database
  const database = (typeof value === 'string' ? JSON.parse(value) : value) as Record<string, unknown>
  const text = (name: string): string | null => {
    const field = database[name]
    return typeof field === 'string' ? field : null
  }
  return {
    encoding,
    provider: PROVIDERS[text('datlocprovider') ?? 'c'] ?? 'libc',
    collate: text('datcollate') ?? 'C',
    ctype: text('datctype') ?? 'C',
    locale: text('datlocale') ?? text('daticulocale'),
  }
}

/** Whether a database of this name exists. */
export async function databaseExists(client: pg.Client, name: string): Promise<boolean> {
  return (await client.query('select 1 from pg_database where datname = $1', [name])).rows.length > 0
}

/** Empty, without anything that somebody may have added to template1. */
export async function createDatabase(client: pg.Client, name: string, locale: DatabaseLocale): Promise<void> {
  const text = (value: string) => client.escapeLiteral(value)
  const options = [
    'template template0',
    `encoding ${text(locale.encoding)}`,
    `lc_collate ${text(locale.collate)}`,
    `lc_ctype ${text(locale.ctype)}`,
  ]
  if (locale.provider !== 'libc') options.push(`locale_provider ${locale.provider}`)
  if (locale.provider === 'icu' && locale.locale !== null) options.push(`icu_locale ${text(locale.locale)}`)
  if (locale.provider === 'builtin' && locale.locale !== null) options.push(`builtin_locale ${text(locale.locale)}`)
  await client.query(`create database ${quoteIdentifier(name)} ${options.join(' ')}`)
}

export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${quoteIdentifier(name)} with (force)`)
}

export async function renameDatabase(client: pg.Client, from: string, to: string): Promise<void> {
  await client.query(`alter database ${quoteIdentifier(from)} rename to ${quoteIdentifier(to)}`)
}

/** Schema, table, rows. */
export type TableRows = [schema: string, table: string, rows: number]

/** Tables counted in one statement; more would hold the locks of more tables and indexes at once. */
const BATCH = 50

/** Exact rows of every table that a dump holds, inside the caller's transaction; its locks are given back as it goes. */
export async function countRows(client: pg.Client, signal: AbortSignal): Promise<TableRows[]> {
  const tables = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name ${DUMPED_TABLES} order by n.nspname collate "C", c.relname collate "C"`,
  )
  const counted: TableRows[] = []
  for (let start = 0; start < tables.rows.length; start += BATCH) {
    signal.throwIfAborted()
    const batch = tables.rows.slice(start, start + BATCH)
    const parts = batch.map(
      ({ schema, name }, index) =>
        `select ${index} as at, count(*)::text as rows from only ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
    )
    await client.query('savepoint counting')
    const found = await client.query<{ at: number; rows: string }>(parts.join(' union all '))
    // Locks taken after a savepoint go with it.
    await client.query('rollback to savepoint counting')
    for (const { at, rows } of found.rows) {
      const table = batch[at]
      if (table !== undefined) counted.push([table.schema, table.name, Number(rows)])
    }
  }
  return counted
}
