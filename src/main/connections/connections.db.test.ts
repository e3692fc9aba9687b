import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Environment, StoreName, Stores } from '#shared/contract/environment.model.ts'
import { environmentWith } from '../testing/environment.ts'
import { realMongo, realPostgres, realRedis, realS3 } from '../testing/real-stores.ts'
import { Connections } from './connections.ts'
import { SessionSecrets } from './keychain.ts'
import { SecretVault } from './secret-vault.ts'

const never = new AbortController().signal

describe('connections', () => {
  const postgres = realPostgres()
  const mongo = realMongo('connections_test')
  const redis = realRedis()
  const backup = realS3()
  const stores: Stores = {
    postgres: postgres.settings,
    mongo: mongo.settings,
    redis: redis.settings,
    backup: backup.settings,
  }
  let vault: SecretVault
  let connections: Connections
  let reads: StoreName[]

  const later = (environment: Environment, change: Partial<Environment> = {}): Environment => ({
    ...environment,
    ...change,
    updatedAt: new Date(Date.parse(environment.updatedAt) + 1_000).toISOString(),
  })
  const ping = async (environment: Environment) => {
    const pool = await connections.postgres(environment)
    return await pool.use(never, async client => (await client.query('select 1 as one')).rows[0])
  }
  const saved = async (environment: Environment): Promise<Environment> => {
    const secrets = { postgres: postgres.secret, mongo: mongo.secret, redis: redis.secret, backup: backup.secret }
    for (const [store, secret] of Object.entries(secrets)) {
      await vault.save({ environmentId: environment.id, store: store as StoreName }, secret, 'session')
    }
    return environment
  }

  beforeEach(() => {
    vault = new SecretVault({ keychain: new SessionSecrets(), session: new SessionSecrets() })
    reads = []
    connections = new Connections({
      read: (environment, store) => {
        reads.push(store)
        return vault.read(environment, store)
      },
    })
  })
  afterEach(() => connections.close())

  test('lends each store of an environment, ready to use', async () => {
    const environment = await saved(environmentWith(stores))
    expect(await ping(environment)).toEqual({ one: 1 })
    const lent = await connections.mongo(environment)
    expect(await lent.use(never, db => db.command({ ping: 1 }))).toMatchObject({ ok: 1 })
    expect(await (await connections.redis(environment)).use(never, client => client.ping())).toBe('PONG')
    expect(await (await connections.backup(environment)).list({ prefix: 'none/' }, never)).toEqual({
      objects: [],
      nextCursor: null,
    })
  })

  test('asks for a secret once, when its store is first needed, for all who come at once', async () => {
    const environment = await saved(environmentWith(stores))
    const pools = await Promise.all(Array.from({ length: 5 }, () => connections.postgres(environment)))
    expect(new Set(pools).size).toBe(1)
    expect(reads).toEqual(['postgres'])
  })

  test.each([
    ['postgres', 'PostgreSQL'],
    ['mongo', 'MongoDB'],
    ['redis', 'Redis'],
    ['backup', 'backup store'],
  ] as const)('an environment without %s is told to add it', async (store, title) => {
    await expect(connections[store](environmentWith({}))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(title),
      hint: expect.stringContaining(title),
      details: { store },
    })
  })

  test('a missing secret is named, and looked for again at the next request', async () => {
    const environment = environmentWith(stores)
    await expect(connections.redis(environment)).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'secret', store: 'redis' },
      hint: expect.stringContaining('Test system'),
    })
    await saved(environment)
    expect(await (await connections.redis(environment)).use(never, client => client.ping())).toBe('PONG')
  })

  test('a folder needs no secret', async () => {
    const secrets = { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' } as const
    const environment = environmentWith({ backup: { kind: 'folder', path: tmpdir() } }, { secrets })
    await expect(connections.backup(environment)).resolves.toBeDefined()
  })

  describe('when an environment changes', () => {
    test('changed settings close the old pool and open another one', async () => {
      const environment = await saved(environmentWith(stores))
      const old = await connections.postgres(environment)
      await ping(environment)
      const changed = later(environment, {
        stores: { ...stores, postgres: { ...postgres.settings, tls: { mode: 'require' } } },
      })
      const next = await connections.postgres(changed)
      expect(next).not.toBe(old)
      expect(await ping(changed)).toEqual({ one: 1 })
      await expect(old.use(never, async () => 1)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
    })
    test('a changed secret does the same', async () => {
      const environment = await saved(environmentWith(stores))
      await vault.save({ environmentId: environment.id, store: 'postgres' }, 'wrong', 'session')
      await expect(ping(environment)).rejects.toMatchObject({ details: { reason: 'authentication' } })
      expect(await ping(await saved(later(environment)))).toEqual({ one: 1 })
    })
    test('a changed name keeps the pool, so that running work goes on', async () => {
      const environment = await saved(environmentWith(stores))
      const pool = await connections.postgres(environment)
      const renamed = later(environment, { name: 'Renamed' })
      expect(await connections.postgres(renamed)).toBe(pool)
      expect(await connections.postgres(environment)).toBe(pool)
    })
    test('work that began before the change is not led to the new server', async () => {
      const environment = await saved(environmentWith(stores))
      const moved = later(environment, { stores: { ...stores, postgres: { ...postgres.settings, database: 'other' } } })
      await connections.postgres(moved)
      await expect(connections.postgres(environment)).rejects.toMatchObject({ code: 'CONFLICT', retryable: true })
    })
  })

  test('forgets one environment and leaves the others', async () => {
    const [one, two] = [await saved(environmentWith(stores)), await saved(environmentWith(stores))]
    const [first, second] = [await connections.postgres(one), await connections.postgres(two)]
    await connections.forget(one.id)
    await expect(first.use(never, async () => 1)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    expect(await second.use(never, async () => 1)).toBe(1)
    expect(await ping(one)).toEqual({ one: 1 })
  })

  test('lends nothing after it was closed, and leaves no connection open', async () => {
    const environment = await saved(environmentWith(stores))
    const pool = await connections.postgres(environment)
    const pid = await pool.use(never, async c => (await c.query('select pg_backend_pid() as pid')).rows[0]?.pid)
    await connections.close()
    await expect(connections.postgres(environment)).rejects.toMatchObject({ code: 'CANCELLED' })
    const observer = new Connections(vault)
    const other = await observer.postgres(environment)
    const left = await other.use(
      never,
      async c => (await c.query('select 1 from pg_stat_activity where pid = $1', [pid])).rowCount,
    )
    await observer.close()
    expect(left).toBe(0)
  })
})
