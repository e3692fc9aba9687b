import { createHash } from 'node:crypto'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import { quoteQualified } from '../../../connections/postgres/identifier.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import type { Migration } from '../../migrations/migration-files.ts'
import { findSchema } from '../archive/catalog.ts'
import { findExpected } from '../archive/definitions.repository.ts'
import { compareDefinitions, describeDifferences, FINGERPRINT_FORMAT, readDefinitions } from '../archive/fingerprint.ts'
import type { Holder } from './holders.ts'

export interface LiveTable {
  table: string
  /** The planner's estimate; -1 where nobody counted yet. */
  estimatedRows: number
  sizeBytes: number
  /** `created_at` and `updated_at`, as far as the table has them with a time of day. */
  timeColumns: string[]
  /** An index begins with each of them, so that counting from a moment on is quick. */
  isTimeIndexed: boolean
}

const TABLES = `select r.relname as table, r.reltuples::float8 as "estimatedRows", pg_total_relation_size(r.oid)::float8 as "sizeBytes",
    array(select a.attname::text from pg_attribute a where a.attrelid = r.oid and a.attname in ('created_at', 'updated_at')
      and a.atttypid = 'timestamptz'::regtype and not a.attisdropped order by 1) as "timeColumns",
    not exists (select from pg_attribute a where a.attrelid = r.oid and a.attname in ('created_at', 'updated_at')
      and a.atttypid = 'timestamptz'::regtype and not a.attisdropped
      and not exists (select from pg_index i where i.indrelid = r.oid and i.indkey[0] = a.attnum and i.indisvalid and i.indpred is null)
    ) as "isTimeIndexed"
  from pg_namespace n
  join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_class'::regclass
  join pg_class r on r.oid = d.objid and r.relkind in ('r', 'p') and not r.relispartition
  where n.nspname = $1 order by r.relname collate "C"`

export const readLiveTables = async (tx: ReadTx<'tenant'>): Promise<LiveTable[]> =>
  await tx.rows<LiveTable>({ text: TABLES, values: [tx.schema] })

export interface TableCounts {
  table: string
  rows: string | null
  newerRows: string | null
}

/** Counts of one table in one pass; what would take long is not asked for. */
export async function countTable(
  tx: ReadTx<'tenant'>,
  { table, timeColumns }: LiveTable,
  ask: { rows: boolean; newerThan: string | null },
): Promise<TableCounts> {
  const isNewer = timeColumns.map(column => `${column} > $1::timestamptz`).join(' or ')
  const isAskedNewer = ask.newerThan !== null && timeColumns.length > 0
  if (!ask.rows && !isAskedNewer) return { table, rows: null, newerRows: null }
  const newer = isAskedNewer ? `(count(*) filter (where ${isNewer}))::text` : 'null'
  const text = ask.rows
    ? `select count(*)::text as rows, ${newer} as "newerRows" from ${quoteQualified(tx.schema, table)}`
    : `select null as rows, count(*)::text as "newerRows" from ${quoteQualified(tx.schema, table)} where ${isNewer}`
  const found = await tx.row<Omit<TableCounts, 'table'>>({ text, values: isAskedNewer ? [ask.newerThan] : [] })
  return { table, rows: found?.rows ?? null, newerRows: found?.newerRows ?? null }
}

export interface Ledger {
  version: number | null
  checksums: string[]
}

/** The tenant's applied migrations, as the registry knows them. */
export async function readLedger(tx: ReadTx<'registry'>, tenantId: string): Promise<Ledger> {
  const found = await tx.rows<{ version: number; checksum: string }>({
    text: `select version, checksum from tenant_migrations where tenant_id = $1 and state = 'applied' order by version`,
    values: [tenantId],
  })
  return { version: found.at(-1)?.version ?? null, checksums: found.map(entry => entry.checksum) }
}

/** What these migrations give on this server, where somebody has had to find out already. */
export async function knownDefinitions(
  tx: ReadTx<'registry'>,
  set: readonly Pick<Migration, 'checksum'>[],
): Promise<string | undefined> {
  const server = await tx.row<{ major: number }>({
    text: `select current_setting('server_version_num')::int / 10000 as major`,
  })
  const migrations = createHash('sha256')
    .update(set.map(migration => migration.checksum).join('\n'))
    .digest('hex')
  return (await findExpected(tx, { migrations, serverMajor: server?.major ?? 0, format: FINGERPRINT_FORMAT }))?.text
}

/** How a schema differs from what is expected, for people; null when it does not. */
export async function driftFrom(tx: ReadTx<'tenant'>, expected: string): Promise<string | null> {
  // Reading definitions needs nothing of a connection but its queries.
  const connection = {
    query: async (text: string, values: unknown[]) => ({ rows: await tx.rows({ text, values }) }),
  } as unknown as Connection
  const oid = await findSchema(connection, tx.schema)
  if (oid === undefined) return null
  const differences = compareDefinitions(expected, (await readDefinitions(connection, oid)).text)
  return differences.length === 0 ? null : describeDifferences(differences)
}

export interface Session extends Holder {
  holdsLocks: boolean
}

/**
 * Sessions that hold locks on the tenant's tables or wait for them, and those whose last statement names its schema. A session that
 * is idle and found the schema through its search path cannot be told from others: nobody is promised to be alone.
 */
export const readSessions = async (tx: ReadTx<'registry'>, schema: string): Promise<Session[]> =>
  await tx.rows<Session>({
    text: `with held as (
        select l.pid, bool_or(l.granted) as granted from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
        where l.locktype = 'relation' and n.nspname = $1
          and l.database = (select oid from pg_database where datname = current_database())
        group by l.pid
      )
      select a.pid, a.usename as user, nullif(a.application_name, '') as application, host(a.client_addr) as client, a.state,
        extract(epoch from clock_timestamp() - a.xact_start)::float8 as "transactionSeconds", coalesce(h.granted, false) as "holdsLocks"
      from pg_stat_activity a left join held h on h.pid = a.pid
      where a.pid <> pg_backend_pid() and a.datname = current_database() and a.backend_type = 'client backend'
        and (h.pid is not null or position($1 in a.query) > 0)
      order by a.xact_start nulls last, a.pid limit 200`,
    values: [schema],
  })
