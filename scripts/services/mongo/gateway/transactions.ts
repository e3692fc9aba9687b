import type { Binary, Document } from 'bson'
import type { PoolClient } from 'pg'
import type { Engine } from './engine.ts'
import { CommandError } from './errors.ts'

/** MongoDB's default transactionLifetimeLimitSeconds. */
const LIFETIME_MS = 60_000
/** A commit may be repeated by a driver that lost the answer; this many are remembered. */
const REMEMBERED_COMMITS = 1_000

interface Open {
  client: PoolClient
  timer: NodeJS.Timeout
}

/** MongoDB's multi-document transactions: each is one PostgreSQL transaction on a connection of its own. */
export class Transactions {
  readonly #engine: Engine
  readonly #open = new Map<string, Open>()
  readonly #committed = new Set<string>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The connection of the command's transaction, begun when the command says so; undefined outside transactions. */
  async clientFor(command: Document, user: string): Promise<PoolClient | undefined> {
    const key = keyOf(command)
    if (key === undefined) return undefined
    if (command.startTransaction === true) return this.#begin(key, user)
    const open = this.#open.get(key)
    if (open === undefined) throw noSuchTransaction(command)
    return open.client
  }

  async commit(command: Document): Promise<void> {
    const key = keyOf(command) ?? ''
    if (this.#committed.has(key)) return
    await this.#end(command, 'COMMIT')
    this.#committed.add(key)
    const [oldest] = this.#committed
    if (this.#committed.size > REMEMBERED_COMMITS && oldest !== undefined) this.#committed.delete(oldest)
  }

  abort(command: Document): Promise<void> {
    return this.#end(command, 'ROLLBACK')
  }

  /** Any failure ends the whole transaction, as in MongoDB. */
  async abortAfterError(command: Document): Promise<void> {
    if (this.#open.has(keyOf(command) ?? '')) await this.#end(command, 'ROLLBACK').catch(() => undefined)
  }

  /** Ends the transactions of sessions that their client has closed. */
  async endSessions(sessions: readonly Document[]): Promise<void> {
    const prefixes = sessions.map(session => `${sessionOf(session)}:`)
    const keys = [...this.#open.keys()].filter(key => prefixes.some(prefix => key.startsWith(prefix)))
    for (const key of keys) await this.#rollBack(key)
  }

  async #begin(key: string, user: string): Promise<PoolClient> {
    const client = await this.#engine.connect(user)
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    } catch (error) {
      client.release(true)
      throw error
    }
    const timer = setTimeout(() => void this.#rollBack(key), LIFETIME_MS)
    timer.unref()
    this.#open.set(key, { client, timer })
    return client
  }

  async #end(command: Document, statement: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const open = this.#take(keyOf(command) ?? '')
    if (open === undefined) throw noSuchTransaction(command)
    try {
      await open.client.query(statement)
      open.client.release()
    } catch (error) {
      open.client.release(true)
      throw error
    }
  }

  async #rollBack(key: string): Promise<void> {
    const open = this.#take(key)
    // A closed connection rolls back whatever it was doing.
    open?.client.release(true)
  }

  #take(key: string): Open | undefined {
    const open = this.#open.get(key)
    this.#open.delete(key)
    clearTimeout(open?.timer)
    return open
  }
}

function keyOf(command: Document): string | undefined {
  if (command.lsid === undefined || command.txnNumber === undefined || command.autocommit !== false) return undefined
  return `${sessionOf(command.lsid)}:${command.txnNumber}`
}

function sessionOf(session: Document): string {
  return Buffer.from((session.id as Binary).buffer).toString('hex')
}

function noSuchTransaction(command: Document): CommandError {
  const message = `Transaction ${command.txnNumber} has been aborted or was never begun`
  return new CommandError(251, 'NoSuchTransaction', message)
}
