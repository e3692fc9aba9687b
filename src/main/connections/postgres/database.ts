import knex, { type Knex } from 'knex'
import { quoteIdentifier } from './identifier.ts'
import type { Connection, PostgresPool } from './pool.ts'

/** Builds SQL with bound values; it never connects. */
export const sql: Knex = knex({ client: 'pg' })

export type Query = { readonly text: string; readonly values?: readonly unknown[] } | Knex.QueryBuilder | Knex.Raw

/** What a transaction's search path begins with. */
export type Space = 'registry' | 'tenant'

declare const bound: unique symbol

/** A transaction bound to one schema. Read transactions are READ ONLY in the database too. */
export interface ReadTx<S extends Space> {
  readonly [bound]: S
  /** The schema that unqualified names mean. */
  readonly schema: string
  rows<R extends object>(query: Query): Promise<R[]>
  /** The first row, or undefined. */
  row<R extends object>(query: Query): Promise<R | undefined>
}

export interface WriteTx<S extends Space> extends ReadTx<S> {
  /** Rows changed. */
  run(query: Query): Promise<number>
  /** Several statements in one round trip, without values: migrations and other DDL. */
  script(text: string): Promise<void>
  /** Runs the work with another schema first in the search path, in this same transaction, and comes back. */
  inSchema<T, S2 extends Space>(space: S2, schema: string, work: (tx: WriteTx<S2>) => Promise<T>): Promise<T>
  /** For COPY and what else needs the driver itself. */
  readonly connection: Connection
}

export interface TransactionOptions {
  /** Milliseconds a statement may run; 0 for no limit. */
  statementTimeoutMs?: number
  /** Milliseconds to wait for a lock; 0 for no limit. */
  lockTimeoutMs?: number
  /** All statements see the same moment, that of the first one. */
  isSnapshot?: boolean
}

export interface ReadDb<S extends Space> {
  read<T>(work: (tx: ReadTx<S>) => Promise<T>, options?: TransactionOptions): Promise<T>
}

export interface WriteDb<S extends Space = 'registry'> extends ReadDb<S> {
  /** Commits when the work resolves, rolls back when it rejects or the caller cancels. */
  write<T>(work: (tx: WriteTx<S>) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** One connection for the whole of the work, outside any transaction: session locks, several transactions in a row. */
  session<T>(work: (session: DbSession<S>) => Promise<T>): Promise<T>
  /** The same handle without the caller's cancel, for what must still be done after it; limited to ten seconds when not given. */
  afterCancel(milliseconds?: number): WriteDb<S>
}

export interface DbSession<S extends Space> extends Omit<WriteDb<S>, 'session' | 'afterCancel'> {
  readonly connection: Connection
}

const DEFAULT_STATEMENT_TIMEOUT_MS = 60_000
const AFTER_CANCEL_MS = 10_000

interface Binding<S extends Space> {
  /** Asked at every use: an environment whose settings change gets another pool. */
  pool: () => Promise<PostgresPool>
  space: S
  schema: string
  signal: AbortSignal
}

/** A handle that can only read, bound to one schema and one caller's signal. */
export function openReadDb<S extends Space>(binding: Binding<S>): ReadDb<S> {
  return { read: (work, options) => borrow(binding, run => run('READ ONLY', work, options)) }
}

/** A handle that can write, bound to one schema and one caller's signal. */
export function openWriteDb<S extends Space>(binding: Binding<S>): WriteDb<S> {
  return {
    ...openReadDb(binding),
    write: (work, options) => borrow(binding, run => run('READ WRITE', work, options)),
    session: work =>
      borrow(binding, (run, connection) =>
        work({
          connection,
          read: (inner, options) => run('READ ONLY', inner, options),
          write: (inner, options) => run('READ WRITE', inner, options),
        }),
      ),
    afterCancel: (milliseconds = AFTER_CANCEL_MS) =>
      openWriteDb({ ...binding, signal: AbortSignal.timeout(milliseconds) }),
  }
}

type Mode = 'READ ONLY' | 'READ WRITE'
type Run<S extends Space> = <T>(
  mode: Mode,
  work: (tx: WriteTx<S>) => Promise<T>,
  options?: TransactionOptions,
) => Promise<T>

async function borrow<S extends Space, T>(
  binding: Binding<S>,
  use: (run: Run<S>, connection: Connection) => Promise<T>,
): Promise<T> {
  const pool = await binding.pool()
  return await pool.use(binding.signal, async connection => {
    const extensions = await pool.citextSchema(connection)
    const run: Run<S> = (mode, work, options) =>
      transaction({ connection, schema: binding.schema, extensions, mode, options }, work)
    return await use(run, connection)
  })
}

interface TransactionSetup {
  connection: Connection
  schema: string
  extensions: string
  mode: Mode
  options: TransactionOptions | undefined
}

async function transaction<S extends Space, T>(
  { connection, schema, extensions, mode, options = {} }: TransactionSetup,
  work: (tx: WriteTx<S>) => Promise<T>,
): Promise<T> {
  const timeout = options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS
  const isolation = options.isSnapshot === true ? 'ISOLATION LEVEL REPEATABLE READ, ' : ''
  // Always LOCAL: a session setting would follow the pooled connection to another tenant.
  await connection.query(
    `BEGIN TRANSACTION ${isolation}${mode}; SET LOCAL search_path TO ${searchPath(schema, extensions)}; ` +
      `SET LOCAL statement_timeout TO ${Math.trunc(timeout)}; SET LOCAL lock_timeout TO ${Math.trunc(options.lockTimeoutMs ?? 0)}`,
  )
  try {
    const result = await work(bindTransaction<S>(connection, schema, extensions))
    await connection.query('COMMIT')
    return result
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

const searchPath = (schema: string, extensions: string): string =>
  schema === extensions ? quoteIdentifier(schema) : `${quoteIdentifier(schema)}, ${quoteIdentifier(extensions)}`

function bindTransaction<S extends Space>(connection: Connection, schema: string, extensions: string): WriteTx<S> {
  const rows = async <R extends object>(query: Query): Promise<R[]> => {
    const result = await connection.query<R>(native(query))
    return result.rows
  }
  const setPath = (first: string) => connection.query(`SET LOCAL search_path TO ${searchPath(first, extensions)}`)
  const tx: Omit<WriteTx<S>, typeof bound> = {
    schema,
    connection,
    rows,
    row: async <R extends object>(query: Query) => (await rows<R>(query))[0],
    run: async query => (await connection.query(native(query))).rowCount ?? 0,
    script: async text => {
      await connection.query(text)
    },
    inSchema: async <T, S2 extends Space>(_space: S2, inner: string, work: (tx: WriteTx<S2>) => Promise<T>) => {
      await setPath(inner)
      // On failure the transaction is lost anyway, and with it the setting.
      const result = await work(bindTransaction<S2>(connection, inner, extensions))
      await setPath(schema)
      return result
    },
  }
  return tx as WriteTx<S>
}

function native(query: Query): { text: string; values: unknown[] } {
  if ('text' in query) return { text: query.text, values: [...(query.values ?? [])] }
  const built = query.toSQL().toNative()
  return { text: built.sql, values: [...built.bindings] }
}
