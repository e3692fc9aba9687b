import { type Environment, STORES, type StoreName, type Stores } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from './backup/backup-store.ts'
import { openBackupStore } from './backup/open.ts'
import { MongoConnection } from './mongo/mongo-connection.ts'
import { PostgresPool } from './postgres/pool.ts'
import { RedisConnection } from './redis/redis-connection.ts'
import { type SecretReader, STORE_TITLES } from './secret-vault.ts'

interface Handles {
  postgres: PostgresPool
  mongo: MongoConnection
  redis: RedisConnection
  backup: BackupStore
}

type Opener<S extends StoreName> = (settings: NonNullable<Stores[S]>, secret: string | undefined) => Handles[S]

/** How each store's handle is made; connecting waits for the first use. */
const OPENERS: { readonly [S in StoreName]: Opener<S> } = {
  postgres: (settings, secret) => new PostgresPool(settings, secret),
  mongo: (settings, secret) => new MongoConnection(settings, secret),
  redis: (settings, secret) => new RedisConnection(settings, secret),
  backup: openBackupStore,
}

/** A handle of its own, beside the shared ones: for settings that are only being tried. Close it after use. */
export const openStore = <S extends StoreName>(
  store: S,
  settings: NonNullable<Stores[S]>,
  secret: string | undefined,
): Handles[S] => OPENERS[store](settings, secret)

interface Entry<S extends StoreName> {
  updatedAt: string
  /** Settings as text; tells whether a newer version of the environment changed this store. */
  settings: string
  handle: Promise<{ value: Handles[S]; secret: string | undefined }>
}

type Entries = { [S in StoreName]: Map<string, Entry<S>> }

/**
 * The open stores of all environments. A handle is made at the first request, is shared by all callers, and lives until the
 * environment's settings or secret change, it is forgotten, or the host ends.
 */
export class Connections {
  private readonly secrets: SecretReader
  private readonly entries: Entries = { postgres: new Map(), mongo: new Map(), redis: new Map(), backup: new Map() }
  private isClosed = false

  constructor(secrets: SecretReader) {
    this.secrets = secrets
  }

  postgres(environment: Environment): Promise<PostgresPool> {
    return this.handle('postgres', environment)
  }

  mongo(environment: Environment): Promise<MongoConnection> {
    return this.handle('mongo', environment)
  }

  redis(environment: Environment): Promise<RedisConnection> {
    return this.handle('redis', environment)
  }

  backup(environment: Environment): Promise<BackupStore> {
    return this.handle('backup', environment)
  }

  /** Closes what is open for an environment; what still runs there ends first where the driver can wait for it. */
  async forget(environmentId: string, stores: readonly StoreName[] = STORES): Promise<void> {
    await Promise.all(stores.map(store => this.drop(store, environmentId)))
  }

  async close(): Promise<void> {
    this.isClosed = true
    const ids = new Set(Object.values(this.entries).flatMap(entries => [...entries.keys()]))
    await Promise.all([...ids].map(id => this.forget(id)))
  }

  private async handle<S extends StoreName>(store: S, environment: Environment): Promise<Handles[S]> {
    if (this.isClosed) throw new AppError('CANCELLED', 'Tenantry is closing.')
    const settings = environment.stores[store] as NonNullable<Stores[S]> | undefined
    if (settings === undefined) throw notConfigured(store, environment)
    const entries: Map<string, Entry<S>> = this.entries[store]
    const text = JSON.stringify(settings)
    const current = entries.get(environment.id)
    if (current !== undefined && current.updatedAt >= environment.updatedAt) {
      if (current.settings !== text) throw changedMeanwhile(environment)
      return (await current.handle).value
    }
    const handle = this.open({ store, settings, text }, environment, current)
    const entry: Entry<S> = { updatedAt: environment.updatedAt, settings: text, handle }
    entries.set(environment.id, entry)
    try {
      return (await handle).value
    } catch (error) {
      // A missing secret is looked for again at the next request.
      if (entries.get(environment.id) === entry) entries.delete(environment.id)
      throw error
    }
  }

  /** Keeps the handle of the version before where neither the store's settings nor its secret changed. */
  private async open<S extends StoreName>(
    wanted: { store: S; settings: NonNullable<Stores[S]>; text: string },
    environment: Environment,
    before: Entry<S> | undefined,
  ): Entry<S>['handle'] {
    const old = await before?.handle.catch(() => undefined)
    try {
      const secret = await this.secrets.read(environment, wanted.store)
      if (old !== undefined && before?.settings === wanted.text && old.secret === secret) return old
      const value = openStore(wanted.store, wanted.settings, secret)
      closeLater(old?.value)
      return { value, secret }
    } catch (error) {
      closeLater(old?.value)
      throw error
    }
  }

  private async drop<S extends StoreName>(store: S, environmentId: string): Promise<void> {
    const entry = this.entries[store].get(environmentId)
    this.entries[store].delete(environmentId)
    const handle = await entry?.handle.catch(() => undefined)
    await handle?.value.close()
  }
}

/** Callers of the old handle finish in their own time; nobody waits for them here. */
const closeLater = (handle: { close(): Promise<void> } | undefined): void => {
  handle?.close().catch(() => undefined)
}

const notConfigured = (store: StoreName, environment: Environment): AppError =>
  new AppError('UNSUPPORTED', `The environment ${environment.name} has no settings for ${STORE_TITLES[store]}.`, {
    hint: `Edit the environment and add ${STORE_TITLES[store]}.`,
    details: { store },
  })

const changedMeanwhile = (environment: Environment): AppError =>
  new AppError('CONFLICT', `The settings of the environment ${environment.name} were changed meanwhile.`, {
    hint: 'Start the operation again; it would go on at another server.',
    retryable: true,
  })
