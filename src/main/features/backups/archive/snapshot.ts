import { AppError } from '#shared/errors.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { type Connection, DEFAULT_EXTENSION_SCHEMA } from '../../../connections/postgres/pool.ts'
import { CATALOG_SETTINGS, readShape, type TenantShape } from './catalog.ts'

/**
 * What decides how COPY writes a value, and in which order rows come: whoever hashes a table must read it under these. Rows that row
 * security would hide are an error then, not left out. Local to the transaction.
 */
export const COPY_SETTINGS = [
  'synchronize_seqscans TO off',
  'client_encoding TO UTF8',
  'TimeZone TO UTC',
  'DateStyle TO ISO',
  'IntervalStyle TO iso_8601',
  'extra_float_digits TO 1',
  'bytea_output TO hex',
  'xmlbinary TO base64',
  "lc_monetary TO 'C'",
  'row_security TO off',
]
  .map(setting => `SET LOCAL ${setting}`)
  .join('; ')

/** A backup of hours is no fault: only waiting for a lock is limited. */
const NO_LIMITS = 'SET LOCAL statement_timeout TO 0; SET LOCAL idle_in_transaction_session_timeout TO 0'
/** Since PostgreSQL 17. */
const NO_TRANSACTION_LIMIT = 'SET LOCAL transaction_timeout TO 0'
const LOCK_TIMEOUT_MS = 10_000
/** Tables may be created between looking and locking; a tenant in the middle of a migration settles soon. */
const ATTEMPTS = 5

export interface Snapshot {
  schema: string
  oid: number
  /** The schema of citext. */
  extensions: string
  /** ISO 8601, UTC: everything committed before this instant is in it. */
  at: string
  server: { version: string; major: number }
  shape: TenantShape
  ledger: LedgerRow[]
  sequences: { name: string; lastValue: string; isCalled: boolean }[]
}

export interface LedgerRow {
  version: number
  name: string
  checksum: string
}

interface Look {
  oid: number
  names: string[]
  extensions: string
  major: number
}

/**
 * Opens one snapshot of the tenant on this connection, with its tables locked against DDL and TRUNCATE (writers go on), and leaves the
 * transaction open. Locks come first: TRUNCATE is not seen by snapshots, a table emptied in between would be archived as empty.
 */
export async function openSnapshot(
  connection: Connection,
  schema: string,
  lockTimeoutMs: number = LOCK_TIMEOUT_MS,
): Promise<Snapshot> {
  for (let attempt = 1; ; attempt++) {
    const look = await lookAt(connection, schema)
    try {
      await connection.query(beginText(look, schema, lockTimeoutMs))
      const snapshot = await readSnapshot(connection, schema, look)
      if (snapshot !== undefined) return snapshot
      if (attempt === ATTEMPTS) throw busy(schema)
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined)
      // A table that was dropped between looking and locking.
      const state: unknown = Reflect.get(Object(error), 'code')
      if (state === '42P01' && attempt < ATTEMPTS) continue
      throw state === '55P03' ? await lockedBy(connection, look.oid, error) : error
    }
    await connection.query('ROLLBACK')
  }
}

/** Lets further connections read the same snapshot; the id is good while this transaction is open. */
export async function exportSnapshot(connection: Connection): Promise<string> {
  const found = await connection.query<{ id: string }>('select pg_export_snapshot() as id')
  return found.rows[0]?.id ?? ''
}

/** Opens the exported snapshot on another connection and leaves the transaction open. */
export async function joinSnapshot(connection: Connection, snapshot: Snapshot, id: string): Promise<void> {
  const look = await lookAt(connection, snapshot.schema)
  if (look.oid !== snapshot.oid) throw gone(snapshot.schema)
  const settings = beginText({ ...look, names: [] }, snapshot.schema, LOCK_TIMEOUT_MS)
  // The snapshot must be set before the first statement that takes one; settings take none.
  await connection.query(`${settings}; SET TRANSACTION SNAPSHOT ${connection.escapeLiteral(id)}`)
}

/** Ends the transaction. Rejects when the schema of this name is no longer the one that was read. */
export async function closeSnapshot(connection: Connection, snapshot: Snapshot): Promise<void> {
  // While the tables are still locked: whoever waits to drop them does so after the archive is whole. Casts read the catalog as it is now,
  // not as the snapshot has it, but from what the session remembers; locking a relation for the first time makes it learn what changed.
  const found = await connection.query<{ oid: number | null }>(
    'select to_regnamespace($1)::oid as oid from pg_catalog.pg_language limit 1',
    [quoteIdentifier(snapshot.schema)],
  )
  await connection.query('COMMIT')
  if (found.rows[0]?.oid !== snapshot.oid) throw gone(snapshot.schema)
}

async function lookAt(connection: Connection, schema: string): Promise<Look> {
  const found = await connection.query<Look>(
    `select n.oid, current_setting('server_version_num')::int / 10000 as major,
       coalesce((select x.nspname from pg_extension e join pg_namespace x on x.oid = e.extnamespace where e.extname = 'citext'), $2)
         as extensions,
       array(select c.relname::text from pg_depend d join pg_class c on c.oid = d.objid
         where d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_class'::regclass
           and c.relkind in ('r', 'p') order by 1) as names
     from pg_namespace n where n.nspname = $1`,
    [schema, DEFAULT_EXTENSION_SCHEMA],
  )
  const look = found.rows[0]
  if (look === undefined) throw gone(schema)
  return look
}

function beginText(look: Look, schema: string, lockTimeoutMs: number): string {
  const path = [...new Set([schema, look.extensions])].map(quoteIdentifier).join(', ')
  const tables = look.names.map(name => quoteQualified(schema, name)).join(', ')
  return [
    'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY',
    `SET LOCAL search_path TO ${path}`,
    COPY_SETTINGS,
    CATALOG_SETTINGS,
    NO_LIMITS,
    ...(look.major >= 17 ? [NO_TRANSACTION_LIMIT] : []),
    `SET LOCAL lock_timeout TO ${Math.trunc(lockTimeoutMs)}`,
    ...(tables === '' ? [] : [`LOCK TABLE ${tables} IN ACCESS SHARE MODE`]),
  ].join('; ')
}

/** Undefined when the tables are not those that were locked. */
async function readSnapshot(connection: Connection, schema: string, look: Look): Promise<Snapshot | undefined> {
  const found = await connection.query<{ at: string; version: string; major: number; oid: number }>(
    `select statement_timestamp() as at, current_setting('server_version') as version,
       current_setting('server_version_num')::int / 10000 as major, n.oid
     from pg_namespace n where n.nspname = $1`,
    [schema],
  )
  const facts = found.rows[0]
  if (facts === undefined || facts.oid !== look.oid) return undefined
  const shape = await readShape(connection, look.oid)
  const locked = new Set(look.names)
  if (!shape.tables.every(table => locked.has(table.name))) return undefined
  refuseExtensions(shape)
  return {
    schema,
    oid: look.oid,
    extensions: look.extensions,
    at: new Date(facts.at).toISOString(),
    server: { version: facts.version, major: facts.major },
    shape,
    ledger: await readLedger(connection, schema, shape),
    sequences: await readSequences(connection, schema, shape),
  }
}

const LEDGER = 'schema_migrations'

async function readLedger(connection: Connection, schema: string, shape: TenantShape): Promise<LedgerRow[]> {
  const columns = shape.tables.find(table => table.name === LEDGER)?.columns.map(column => column.name) ?? []
  if (!['version', 'name', 'checksum'].every(name => columns.includes(name))) return []
  const found = await connection.query<LedgerRow>(
    `select version::int, name::text, checksum::text from ${quoteQualified(schema, LEDGER)} order by version`,
  )
  return found.rows
}

/** Sequences do not follow snapshots: their values are those of now, never behind the rows. */
async function readSequences(connection: Connection, schema: string, shape: TenantShape) {
  if (shape.sequences.length === 0) return []
  const parts = shape.sequences.map(
    name =>
      `select ${connection.escapeLiteral(name)}::text as name, last_value::text as "lastValue", is_called as "isCalled"
       from ${quoteQualified(schema, name)}`,
  )
  const found = await connection.query<Snapshot['sequences'][number]>(parts.join(' union all '))
  return found.rows
}

function refuseExtensions(shape: TenantShape): void {
  const [first] = shape.ofExtensions
  if (first === undefined) return
  throw new AppError('UNSUPPORTED', `The schema holds an extension (with "${first}"), which no archive can hold.`, {
    hint: 'Move the extension: ALTER EXTENSION … SET SCHEMA extensions.',
  })
}

const gone = (schema: string): AppError =>
  new AppError('TENANT_UNAVAILABLE', `The schema ${schema} was dropped or renamed, or another took its name.`, {
    hint: 'Look at the list of tenants, then try again.',
    details: { reason: 'schema-gone' },
  })

const busy = (schema: string): AppError =>
  new AppError('CONFLICT', `Tables of ${schema} are being created and dropped all the time.`, {
    hint: 'Wait for the migration to end, then try again.',
    retryable: true,
  })

async function lockedBy(connection: Connection, oid: number, cause: unknown): Promise<AppError> {
  const found = await connection
    .query<{ table: string; who: string; application: string; pid: number }>(
      `select c.relname as table, coalesce(a.usename, '?') as who, coalesce(nullif(a.application_name, ''), '?') as application, l.pid
       from pg_locks l join pg_class c on c.oid = l.relation left join pg_stat_activity a on a.pid = l.pid
       where l.granted and l.mode = 'AccessExclusiveLock' and c.relnamespace = $1 and c.relkind in ('r', 'p')
         and l.database = (select oid from pg_database where datname = current_database())
       order by l.pid limit 1`,
      [oid],
    )
    .catch(() => undefined)
  const holder = found?.rows[0]
  if (holder === undefined) return toAppError(cause)
  const { table, who, application, pid } = holder
  return new AppError('TIMEOUT', `The table "${table}" is locked by ${who} (${application}, process ${pid}).`, {
    hint: 'Wait until that session has ended its transaction, then try again.',
    retryable: true,
    details: { reason: 'locked', table, who, application, pid },
    cause: toAppError(cause).cause,
  })
}
