import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import type { PostgresSettings, TlsSettings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { toAppError } from './errors.ts'
import { textTypes } from './types.ts'

/** Connections one environment may hold at once; the rest of the server belongs to the applications. */
export const POOL_SIZE = 10
const CONNECT_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 30_000

export type Connection = pg.PoolClient

/** `undefined` means plain text; Node checks the host name only for verify-full, as libpq does. */
export function tlsOptions(tls: TlsSettings): ConnectionOptions | undefined {
  const ca = tls.ca === undefined ? {} : { ca: tls.ca }
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
    const mayFallBack = settings.tls.mode === 'prefer' && error instanceof Error && TLS_NOT_OFFERED.test(error.message)
    if (!mayFallBack) throw error
    return await open({ ...config, ssl: false })
  }
}

/** The connections of one environment to its PostgreSQL server. */
export class PostgresPool {
  readonly settings: PostgresSettings
  private readonly password: string | undefined
  private pool: pg.Pool | undefined
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
    signal.throwIfAborted()
    const connection = await this.acquire()
    const onAbort = () => void this.cancelBackend(connection)
    signal.addEventListener('abort', onAbort, { once: true })
    let broken: Error | undefined
    const onError = (error: Error) => {
      broken = error
    }
    connection.on('error', onError)
    try {
      if (signal.aborted) throw new AppError('CANCELLED', 'The operation was cancelled.')
      return await work(connection)
    } catch (error) {
      throw toAppError(error, { isCancelled: signal.aborted })
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

  async close(): Promise<void> {
    const pool = this.pool
    this.pool = undefined
    await pool?.end()
  }

  private async acquire(): Promise<Connection> {
    this.pool ??= this.createPool(clientConfig(this.settings, this.password))
    try {
      return await this.pool.connect()
    } catch (error) {
      const mayFallBack =
        this.settings.tls.mode === 'prefer' && error instanceof Error && TLS_NOT_OFFERED.test(error.message)
      if (!mayFallBack) throw toAppError(error)
      await this.pool.end()
      this.pool = this.createPool({ ...clientConfig(this.settings, this.password), ssl: false })
      return await this.pool.connect().catch(cause => {
        throw toAppError(cause)
      })
    }
  }

  private createPool(config: pg.ClientConfig): pg.Pool {
    const pool = new pg.Pool({ ...config, max: POOL_SIZE, idleTimeoutMillis: IDLE_TIMEOUT_MS })
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

export const DEFAULT_EXTENSION_SCHEMA = 'extensions'

/** pg keeps the backend's process id on the client without declaring it. */
export function backendPid(connection: object): number | undefined {
  const pid: unknown = Reflect.get(connection, 'processID')
  return typeof pid === 'number' ? pid : undefined
}
