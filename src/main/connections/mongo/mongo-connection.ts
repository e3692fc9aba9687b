import { type Db, MongoClient, type ServerHeartbeatFailedEvent } from 'mongodb'
import type { MongoSettings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { CONNECT_TIMEOUT_MS, throwIfCancelled, unlessAborted } from '../deadline.ts'
import { openingError } from '../network-errors.ts'
import { toMongoError } from './errors.ts'

/** Connections one environment may hold at once; the rest of the server belongs to the applications. */
const POOL_SIZE = 10
const IDLE_TIMEOUT_MS = 30_000

/** The URI with the password in its place. It holds a secret: for the driver only. */
export function uriWithPassword(uri: string, password: string | undefined): string {
  if (password === undefined) return uri
  return uri.replace(
    /^(mongodb(?:\+srv)?:\/\/[^/@]+)@/,
    (_all, user: string) => `${user}:${encodeURIComponent(password)}@`,
  )
}

/** The connections of one environment to its MongoDB deployment. */
export class MongoConnection {
  readonly settings: MongoSettings
  private readonly password: string | undefined
  private client: Promise<MongoClient> | undefined
  private isClosed = false

  constructor(settings: MongoSettings, password: string | undefined) {
    this.settings = settings
    this.password = password
  }

  /**
   * Runs the work on the environment's database; connects at first use. Pass the signal on to the driver's operations where
   * they take one: when it aborts, this rejects at once, and what the server does already may still take effect.
   */
  async use<T>(signal: AbortSignal, work: (db: Db) => Promise<T>): Promise<T> {
    throwIfCancelled(signal)
    try {
      const client = await unlessAborted(signal, this.connected())
      return await unlessAborted(signal, work(client.db(this.settings.database)))
    } catch (error) {
      throw toMongoError(error, { isCancelled: signal.aborted })
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    const client = await this.client?.catch(() => undefined)
    this.client = undefined
    await client?.close()
  }

  private connected(): Promise<MongoClient> {
    if (this.isClosed) throw closedError()
    // A first connection that failed is tried anew at the next use; a later loss is mended by the driver itself.
    this.client ??= this.connect().catch(error => {
      this.client = undefined
      throw error
    })
    return this.client
  }

  private async connect(): Promise<MongoClient> {
    const client = new MongoClient(uriWithPassword(this.settings.uri, this.password), {
      appName: 'tenantry',
      serverSelectionTimeoutMS: CONNECT_TIMEOUT_MS,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      maxPoolSize: POOL_SIZE,
      maxIdleTimeMS: IDLE_TIMEOUT_MS,
    })
    const unreachable = allHostsFailed(client)
    try {
      return await Promise.race([client.connect(), unreachable.promise])
    } catch (error) {
      await client.close().catch(() => undefined)
      throw openingError(toMongoError(error))
    } finally {
      unreachable.forget()
    }
  }
}

/**
 * Rejects once every host of the URI has failed. The driver alone would go on trying until its time is over, although a refused
 * port or an unknown name seldom heals within seconds.
 */
function allHostsFailed(client: MongoClient): { promise: Promise<never>; forget: () => void } {
  const failed = new Set<string>()
  const { promise, reject } = Promise.withResolvers<never>()
  const onFailure = (event: ServerHeartbeatFailedEvent) => {
    failed.add(event.connectionId)
    if (failed.size >= client.options.hosts.length) reject(event.failure)
  }
  client.on('serverHeartbeatFailed', onFailure)
  promise.catch(() => undefined)
  return { promise, forget: () => client.off('serverHeartbeatFailed', onFailure) }
}

const closedError = (): AppError =>
  new AppError('CONNECTION_FAILED', 'The connection to MongoDB was closed because its settings changed.', {
    hint: 'Start the operation again.',
    retryable: true,
    details: { reason: 'lost' },
  })
