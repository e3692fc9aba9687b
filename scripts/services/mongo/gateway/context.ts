import type { Document } from 'bson'
import type { PoolClient } from 'pg'
import type { Authentication } from './authentication.ts'
import type { Cursors } from './cursors.ts'
import { type Engine, firstRow, fromColumn, type Row, toParameter } from './engine.ts'
import { withoutFields } from './raw-bson.ts'
import type { Transactions } from './transactions.ts'

/** What all connections of a gateway share. */
export interface Gateway {
  engine: Engine
  cursors: Cursors
  transactions: Transactions
  connections: Set<Connection>
}

/** One client's connection. */
export interface Connection {
  id: number
  authentication: Authentication
  isClosed: boolean
  /** Engine processes that work for this connection now, to be interrupted when it is closed. */
  working: Set<number>
}

/** Fields that speak to the server rather than to the command; the engine does not know them. */
const ENVELOPE = new Set([
  ...['lsid', '$db', '$clusterTime', '$readPreference', 'txnNumber', 'startTransaction', 'autocommit'],
  ...['readConcern', 'writeConcern', 'apiVersion', 'apiStrict', 'apiDeprecationErrors', 'recoveryToken'],
])

export type Reply = Document | Buffer
export type Handler = (context: CommandContext) => Promise<Reply> | Reply

/** One command on its way: what it says, and the engine connection that serves it. */
export class CommandContext {
  readonly gateway: Gateway
  readonly connection: Connection
  readonly command: Document
  readonly raw: Buffer
  #client: PoolClient | undefined
  #isInTransaction = false

  constructor(gateway: Gateway, connection: Connection, request: { command: Document; raw: Buffer }) {
    this.gateway = gateway
    this.connection = connection
    this.command = request.command
    this.raw = request.raw
  }

  get name(): string {
    return Object.keys(this.command)[0] ?? ''
  }

  get database(): string {
    return String(this.command.$db ?? 'admin')
  }

  /** The command's main argument, for most commands the collection's name. */
  get target(): string {
    return String(this.command[this.name])
  }

  /** The command without its envelope, as a parameter for the engine. */
  get specification(): string {
    return toParameter(withoutFields(this.raw, ENVELOPE))
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction
  }

  /** Runs a statement on the command's connection, which is the transaction's where there is one. */
  async run(sql: string, parameters: unknown[] = []): Promise<Row> {
    return this.runOn(await this.#lease(), sql, parameters)
  }

  async runOn(client: PoolClient, sql: string, parameters: unknown[]): Promise<Row> {
    // The driver's types leave out the backend's process id.
    const { processID } = client as PoolClient & { processID: number }
    this.connection.working.add(processID)
    try {
      return firstRow(await client.query<Row>(sql, parameters))
    } finally {
      this.connection.working.delete(processID)
    }
  }

  /** Runs a statement that answers with one document. */
  async ask(sql: string, parameters: unknown[] = []): Promise<Buffer> {
    return fromColumn(Object.values(await this.run(sql, parameters))[0])
  }

  /** Keeps the connection beyond this command; whoever asks has to release it. */
  keepClient(): PoolClient | undefined {
    const client = this.#client
    if (!this.#isInTransaction) this.#client = undefined
    return client
  }

  async release(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    if (client === undefined || this.#isInTransaction) return
    if (this.connection.isClosed) return client.release(true)
    try {
      if (this.#timeLimit !== undefined) await client.query('RESET statement_timeout')
      client.release()
    } catch {
      client.release(true)
    }
  }

  get #timeLimit(): number | undefined {
    // In getMore the field limits the wait for new data, which does not exist here.
    const isLimit = Number(this.command.maxTimeMS) > 0 && this.name !== 'getMore'
    return isLimit ? Number(this.command.maxTimeMS) : undefined
  }

  async #lease(): Promise<PoolClient> {
    if (this.#client !== undefined) return this.#client
    const user = this.connection.authentication.user ?? ''
    const transaction = await this.gateway.transactions.clientFor(this.command, user)
    this.#isInTransaction = transaction !== undefined
    const client = transaction ?? (await this.gateway.engine.connect(user))
    this.#client = client
    const limit = this.#timeLimit
    if (limit !== undefined) {
      await client.query(`SET ${this.#isInTransaction ? 'LOCAL' : ''} statement_timeout = ${Math.ceil(limit)}`)
    }
    return client
  }
}
