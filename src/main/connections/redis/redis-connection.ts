import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { Cluster, Redis } from 'ioredis'
import type { RedisSettings } from '#shared/contract/environment.model.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { authorityOption } from '../authority.ts'
import { CONNECT_TIMEOUT_MS, type Limit, throwIfCancelled, unlessAborted, within } from '../deadline.ts'
import { openingError } from '../network-errors.ts'
import { toRedisError } from './errors.ts'

export type RedisClient = Redis | Cluster

/** Milliseconds one command may take; longer means that the server or the way to it is stuck. */
const COMMAND_TIMEOUT_MS = 30_000

interface Opened {
  readonly client: RedisClient
  /** What the driver said last; its rejections often say only that the connection is closed. */
  lastError: unknown
}

/** The connection of one environment to its Redis server or cluster. */
export class RedisConnection {
  readonly settings: RedisSettings
  private readonly password: string | undefined
  private opening: Promise<Opened> | undefined
  private isClosed = false

  constructor(settings: RedisSettings, password: string | undefined) {
    this.settings = settings
    this.password = password
  }

  /** Runs the work; connects at first use and again after a loss. When the signal aborts, commands under way may still take effect. */
  async use<T>(signal: AbortSignal, work: (client: RedisClient) => Promise<T>): Promise<T> {
    throwIfCancelled(signal)
    let opened: Opened | undefined
    try {
      opened = await unlessAborted(signal, this.ready())
      return await unlessAborted(signal, work(opened.client))
    } catch (error) {
      throw toRedisError(error, { isCancelled: signal.aborted })
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    const opened = await this.opening?.catch(() => undefined)
    this.opening = undefined
    opened?.client.disconnect()
  }

  private async ready(): Promise<Opened> {
    if (this.isClosed) throw closedError()
    const before = this.opening
    const opened = await before?.catch(() => undefined)
    if (opened?.client.status === 'ready') return opened
    // Of several callers that found the old connection lost, the first opens the new one.
    if (this.opening === before) {
      opened?.client.disconnect()
      this.opening = this.open()
    }
    return await (this.opening ?? this.open())
  }

  private async open(): Promise<Opened> {
    const client = this.settings.mode === 'cluster' ? this.cluster() : this.single()
    const opened: Opened = { client, lastError: undefined }
    client.on('error', (error: unknown) => {
      opened.lastError = error
    })
    try {
      await within(connectLimit(), async () => {
        await client.connect()
        if (this.settings.mode === 'cluster') await client.ping()
      })
      // A refused SELECT comes as an event only, and leaves the connection on database 0.
      if (opened.lastError !== undefined) throw opened.lastError
      return opened
    } catch (error) {
      client.disconnect()
      if (isAppError(error) && opened.lastError === undefined) throw noAnswer(error)
      const nodeError = this.settings.mode === 'cluster' ? await this.firstNodeError() : undefined
      throw openingError(
        toRedisError(new AggregateError([nodeError, opened.lastError, error], 'Redis connection failed')),
      )
    }
  }

  /** A cluster client says only that no node could be reached; a client of one node says why. */
  private async firstNodeError(): Promise<unknown> {
    const client = this.single()
    let lastError: unknown
    client.on('error', (error: unknown) => {
      lastError = error
    })
    const error = await within(connectLimit(), () => client.connect()).then(
      () => undefined,
      (failure: unknown) => lastError ?? failure,
    )
    client.disconnect()
    return error
  }

  private single(): Redis {
    const [node] = this.settings.nodes
    return new Redis({
      ...this.common(node?.host),
      host: node?.host ?? '',
      port: node?.port ?? 0,
      db: this.settings.database,
      lazyConnect: true,
      // The next use opens a new connection; nothing reconnects behind the scenes.
      retryStrategy: () => null,
    })
  }

  private cluster(): Cluster {
    return new Cluster(this.settings.nodes, {
      redisOptions: this.common(undefined),
      lazyConnect: true,
      enableReadyCheck: false,
      clusterRetryStrategy: () => null,
      slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      // Keeps host names for the check of the certificate instead of resolving them to addresses first.
      dnsLookup: (host, callback) => callback(null, host),
    })
  }

  private common(host: string | undefined) {
    const { user, tls } = this.settings
    return {
      ...(user === undefined ? {} : { username: user }),
      ...(this.password === undefined ? {} : { password: this.password }),
      ...(tls.enabled ? { tls: tlsOptions(tls.ca, host) } : {}),
      connectionName: 'tenantry',
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      // It asks INFO, which a user may lack the right to; a server that is still loading says so to each command.
      enableReadyCheck: false,
    }
  }
}

const tlsOptions = (ca: string | undefined, host: string | undefined): ConnectionOptions => ({
  ...authorityOption(ca),
  ...(host === undefined || isIP(host) !== 0 ? {} : { servername: host }),
})

const connectLimit = (): Limit => ({
  signal: new AbortController().signal,
  milliseconds: CONNECT_TIMEOUT_MS,
  message: 'Redis did not answer in time.',
})

/** Redis takes the first bytes of TLS for an unfinished command and waits; so does a TLS port for the first plain ones. */
const noAnswer = (cause: unknown): AppError =>
  new AppError('CONNECTION_FAILED', 'The server did not answer in time.', {
    hint: 'Check the address, the network and the firewall, and whether TLS is what this port speaks.',
    retryable: true,
    details: { reason: 'timeout' },
    cause,
  })

const closedError = (): AppError =>
  new AppError('CONNECTION_FAILED', 'The connection to Redis was closed because its settings changed.', {
    hint: 'Start the operation again.',
    retryable: true,
    details: { reason: 'lost' },
  })
