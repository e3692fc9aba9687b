import { type Document, serialize } from 'bson'
import pg from 'pg'

/** Connections to the engine for all clients together; the engine allows 200. */
const POOL_SIZE = 30
const HEX_PREFIX = 'BSONHEX'

export type Row = Record<string, unknown>

/** The PostgreSQL server whose extension does the work: one pool of connections per MongoDB user, in that user's role. */
export class Engine {
  readonly #url: string
  readonly #pools = new Map<string, pg.Pool>()

  constructor(url: string) {
    this.#url = url
  }

  /** A connection in the user's own role, so that the engine checks what the user may do. */
  async connect(user: string): Promise<pg.PoolClient> {
    return this.#pool(user).connect()
  }

  /** Runs a statement as the engine's owner, for authentication and for functions that need no user. */
  async query(sql: string, parameters: unknown[] = []): Promise<Row> {
    return firstRow(await this.#pool('').query<Row>(sql, parameters))
  }

  /** Interrupts what a connection is doing; it stays usable. */
  async cancel(processId: number): Promise<void> {
    await this.query('SELECT pg_cancel_backend($1)', [processId])
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.end()))
  }

  #pool(user: string): pg.Pool {
    const known = this.#pools.get(user)
    if (known !== undefined) return known
    const role = user === '' ? '' : ` -c role=${escapeOption(user)}`
    const pool = new pg.Pool({
      connectionString: this.#url,
      max: POOL_SIZE,
      options: `-c documentdb_core.bsonUseEJson=off${role}`,
    })
    // An idle connection that breaks is replaced by the pool at the next use.
    pool.on('error', error => console.error(`idle connection: ${error.message}`))
    this.#pools.set(user, pool)
    return pool
  }
}

/** Blanks and backslashes separate options in the startup packet unless escaped. */
function escapeOption(value: string): string {
  return value.replace(/[\\\s]/g, String.raw`\$&`)
}

export function firstRow(result: { rows: Row[] }): Row {
  return result.rows[0] ?? {}
}

/** BSON as the engine reads it from a parameter. */
export function toParameter(document: Buffer | Document): string {
  const bytes = Buffer.isBuffer(document) ? document : Buffer.from(serialize(document))
  return HEX_PREFIX + bytes.toString('hex')
}

/** @throws Error when the engine answers in another notation */
export function fromColumn(value: unknown): Buffer {
  if (typeof value !== 'string' || !value.startsWith(HEX_PREFIX))
    throw new Error(`No BSON: ${String(value).slice(0, 80)}`)
  return Buffer.from(value.slice(HEX_PREFIX.length), 'hex')
}
