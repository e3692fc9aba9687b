import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import type { PostgresSettings, TlsSettings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { authorityOption } from '../authority.ts'
import { CONNECT_TIMEOUT_MS, cancelled, throwIfCancelled, unlessAborted } from '../deadline.ts'
import { loggable } from '../loggable.ts'
import { toAppError } from './errors.ts'
import { textTypes } from './types.ts'

/** Connections one environment may hold at once; the rest of the server belongs to the applications. */
export const POOL_SIZE = 10
const IDLE_TIMEOUT_MS = 30_000

export type Connection = pg.PoolClient

/** `undefined` means plain text; Node checks the host name only for verify-full, as libpq does. */
export function tlsOptions(tls: TlsSettings): ConnectionOptions | undefined {
  const ca = authorityOption(tls.ca)
  switch (tls.mode) {
    case 'disable':
      return undefined
    case 'prefer':
    case 'require':
      return { rejectUnauthorized: false, ...ca }
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...ca }
    case 'verify-full':
      return { rejectUnauthorized: true, ...ca }
  }
}

export function clientConfig(settings: PostgresSettings, password: string | undefined): pg.ClientConfig {
  const tls = tlsOptions(settings.tls)
  return {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    // An empty function keeps pg from looking into PGPASSWORD or ~/.pgpass of the machine.
    password: password ?? (() => ''),
    ssl: tls ?? false,
    application_name: 'tenantry',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options:
      '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c client_encoding=UTF8 -c extra_float_digits=1',
    types: textTypes,
  }
}

const TLS_NOT_OFFERED = /does not support SSL/i

/** Whether `prefer` may go on in plain text: the server offers no TLS at all. */
const mayFallBack = (settings: PostgresSettings, error: unknown): boolean =>
  settings.tls.mode === 'prefer' && error instanceof Error && TLS_NOT_OFFERED.test(error.message)

/** Opens one connection; `prefer` falls back to plain text where the server offers no TLS. */
export async function connectClient(settings: PostgresSettings, password: string | undefined): Promise<pg.Client> {
  const open = async (config: pg.ClientConfig): Promise<pg.Client> => {
    const client = new pg.Client(config)
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
  }
  const config = clientConfig(settings, password)
  try {
    return await open(config)
  } catch (error) {
    if (!mayFallBack(settings, error)) throw error
    return await open({ ...config, ssl: false })
  }
}

/** The connections of one environment to its PostgreSQL server. */
export class PostgresPool {
  readonly settings: PostgresSettings
  private readonly password: string | undefined
  private pool: pg.Pool | undefined
  /** The server of a `prefer` environment offered no TLS. */
  private isPlain = false
  private isClosed = false
  private extensionSchema: string | undefined

  constructor(settings: PostgresSettings, password: string | undefined) {
    this.settings = settings
    this.password = password
  }

  /**
   * Lends a connection. When the signal aborts, the statement that runs on it is cancelled on the server
   * (`pg_cancel_backend` from a second connection); what was committed before stays committed.
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    throwIfCancelled(signal)
    const connection = await this.acquire(signal)
    const onAbort = () => void this.cancelBackend(connection)
    signal.addEventListener('abort', onAbort, { once: true })
    let broken: Error | undefined
    const onError = (error: Error) => {
      broken = error
    }
    connection.on('error', onError)
    try {
      if (signal.aborted) throw cancelled()
      return await work(connection)
    } catch (error) {
      const failure = toAppError(error, { isCancelled: signal.aborted })
      // The server says that it ends the session before the socket closes: the next borrower must not receive it.
      if (failure.code === 'CONNECTION_FAILED') broken ??= failure
      throw failure
    } finally {
      signal.removeEventListener('abort', onAbort)
      connection.removeListener('error', onError)
      // A cancel request may still be on its way to this backend: the next borrower must not receive it.
      connection.release(broken ?? signal.aborted)
    }
  }

  /** Schema in which citext lives, so that it can follow the tenant's in the search path. */
  async citextSchema(connection: Connection): Promise<string> {
    if (this.extensionSchema !== undefined) return this.extensionSchema
    const found = await connection.query<{ schema: string }>(
      `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'citext'`,
    )
    const schema = found.rows[0]?.schema
    if (schema === undefined) return DEFAULT_EXTENSION_SCHEMA
    this.extensionSchema = schema
    return schema
  }

  /** A connection beside the pool, for a session lock that is held for days. The caller ends it. */
  async connectApart(): Promise<pg.Client> {
    try {
      return await connectClient(this.settings, this.password)
    } catch (error) {
      throw toAppError(error)
    }
  }

  /** Lent connections are waited for; later uses reject. */
  async close(): Promise<void> {
    this.isClosed = true
    const pool = this.pool
    this.pool = undefined
    await pool?.end()
  }

  private async acquire(signal: AbortSignal): Promise<Connection> {
    if (this.isClosed) throw closedError()
    this.pool ??= this.createPool()
    const pool = this.pool
    const connecting = pool.connect()
    try {
      return await unlessAborted(signal, connecting)
    } catch (error) {
      if (signal.aborted) {
        // It may still arrive; nobody is there to use it then.
        connecting.then(connection => connection.release()).catch(() => undefined)
        throw cancelled(error)
      }
      if (!mayFallBack(this.settings, error)) throw isExhausted(pool) ? exhaustedError(error) : toAppError(error)
      // Of several callers refused at once, the first changes to plain text for all. The old pool holds no connection.
      if (this.pool === pool) {
        this.isPlain = true
        this.pool = this.createPool()
      }
      return await this.acquire(signal)
    }
  }

  private createPool(): pg.Pool {
    const config = clientConfig(this.settings, this.password)
    const pool = new pg.Pool({
      ...config,
      ...(this.isPlain ? { ssl: false } : {}),
      max: POOL_SIZE,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    })
    // An idle connection that the server closes is replaced at the next use; nobody waits for it.
    pool.on('error', () => undefined)
    return pool
  }

  private async cancelBackend(connection: Connection): Promise<void> {
    const pid = backendPid(connection)
    if (pid === undefined) return
    const client = await connectClient(this.settings, this.password).catch(() => undefined)
    if (client === undefined) return
    await client.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined)
    await client.end().catch(() => undefined)
  }
}

const isExhausted = (pool: pg.Pool): boolean => pool.totalCount >= POOL_SIZE && pool.idleCount === 0

const exhaustedError = (cause: unknown): AppError =>
  new AppError('TIMEOUT', `All ${POOL_SIZE} connections of this environment are busy.`, {
    hint: 'Wait for a running job, or cancel one, then try again.',
    retryable: true,
    cause: loggable(cause),
  })

const closedError = (): AppError =>
  new AppError('CONNECTION_FAILED', 'The connection to PostgreSQL was closed because its settings changed.', {
    hint: 'Start the operation again.',
    retryable: true,
    details: { reason: 'lost' },
  })

export const DEFAULT_EXTENSION_SCHEMA = 'extensions'

/** pg keeps the backend's process id on the client without declaring it. */
export function backendPid(connection: object): number | undefined {
  const pid: unknown = Reflect.get(connection, 'processID')
  return typeof pid === 'number' ? pid : undefined
}
