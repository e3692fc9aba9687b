import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Environment, StoreName, Stores } from '#shared/contract/environment.model.ts'
import { health } from '#shared/contract/health.ts'
import { Connections } from '../../connections/connections.ts'
import { SessionSecrets } from '../../connections/keychain.ts'
import { SecretVault } from '../../connections/secret-vault.ts'
import { closedPort, type Listening, silentServer } from '../../testing/addresses.ts'
import { environmentWith } from '../../testing/environment.ts'
import {
  realMongo,
  realPostgres,
  realRedis,
  realRedisCluster,
  realRedisTls,
  realS3,
} from '../../testing/real-stores.ts'
import { HealthService } from './health.service.ts'

const never = new AbortController().signal

describe('health', () => {
  const vault = new SecretVault({ keychain: new SessionSecrets(), session: new SessionSecrets() })
  const connections = new Connections(vault)
  const service = new HealthService(connections)
  const [postgres, mongo, redis, s3] = [realPostgres(), realMongo('health_test'), realRedis(), realS3()]

  const check = async (stores: Stores, secrets: Partial<Record<StoreName, string>>, signal = never) => {
    const environment: Environment = environmentWith(stores)
    for (const [store, secret] of Object.entries(secrets)) {
      await vault.save({ environmentId: environment.id, store: store as StoreName }, secret, 'session')
    }
    const report = health.operations.check.output.parse(await service.check(environment, signal))
    return new Map(report.stores.map(store => [store.store, store]))
  }
  afterAll(() => connections.close())

  test('tells the figures of every real store', async () => {
    const stores = await check(
      { postgres: postgres.settings, mongo: mongo.settings, redis: redis.settings, backup: s3.settings },
      { postgres: postgres.secret, mongo: mongo.secret, redis: redis.secret, backup: s3.secret },
    )
    const figuresOf = (store: StoreName) =>
      Object.fromEntries((stores.get(store)?.figures ?? []).map(figure => [figure.name, figure]))
    for (const store of stores.values()) {
      expect(store, JSON.stringify(store)).toMatchObject({ error: null, latencyMs: expect.any(Number) })
      expect(['ok', 'warning']).toContain(store.state)
    }
    const version = { value: expect.stringMatching(/^\d+\.\d+/) }
    expect(figuresOf('postgres')).toMatchObject({
      Version: version,
      Connections: { value: expect.stringMatching(/^\d+ of \d+$/), share: expect.any(Number) },
      'Database size': { unit: 'bytes' },
      Uptime: { unit: 's' },
    })
    expect(figuresOf('mongo')).toMatchObject({ Version: version, Connections: { value: expect.any(String) } })
    expect(figuresOf('redis')).toMatchObject({
      Version: version,
      Ping: { unit: 'ms' },
      Memory: { unit: 'bytes' },
      Clients: { share: expect.any(Number) },
    })
    expect(figuresOf('backup')).toMatchObject({
      Write: { unit: 'ms' },
      'Read back': { unit: 'ms' },
      Delete: { unit: 'ms' },
    })
  })

  test('a cluster tells its state', async () => {
    const cluster = realRedisCluster()
    const stores = await check({ redis: cluster.settings }, { redis: cluster.secret })
    expect(stores.get('redis')).toMatchObject({
      state: 'ok',
      figures: expect.arrayContaining([
        expect.objectContaining({ name: 'Cluster state', value: 'ok' }),
        expect.objectContaining({ name: 'Masters', value: '3' }),
      ]),
    })
  })

  test('a store that is not set up is absent', async () => {
    const stores = await check({}, {})
    expect([...stores.values()].map(store => store.state)).toEqual(['absent', 'absent', 'absent', 'absent'])
  })

  test('a store that fails says why, and does not touch the others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-health-'))
    try {
      const stores = await check(
        {
          postgres: { ...postgres.settings, port: await closedPort() },
          redis: redis.settings,
          backup: { kind: 'folder', path: folder },
        },
        { postgres: 'x', redis: 'wrong', backup: 'unused' },
      )
      expect(stores.get('postgres')).toMatchObject({ state: 'failed', error: { details: { reason: 'refused' } } })
      expect(stores.get('redis')).toMatchObject({ state: 'failed', error: { details: { reason: 'authentication' } } })
      expect(stores.get('backup')).toMatchObject({ state: 'ok', error: null })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  describe('nearly full servers', () => {
    const { settings, secret } = realRedisTls()
    const admin = new Connections(vault)
    const environment = environmentWith({ redis: settings })
    const configure = async (name: string, value: string) =>
      await (await admin.redis(environment)).use(never, client => client.call('CONFIG', 'SET', name, value))
    const used = async () =>
      await (await admin.redis(environment)).use(never, async client =>
        Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]),
      )
    beforeAll(() => vault.save({ environmentId: environment.id, store: 'redis' }, secret, 'session'))
    afterAll(async () => {
      await configure('maxmemory', '0')
      await configure('maxmemory-policy', 'noeviction')
      await admin.close()
    })

    test('are a warning from 80 percent on; an evicting cache is meant to be full', async () => {
      await configure('maxmemory', String(Math.round((await used()) * 1.15)))
      const state = async () => (await check({ redis: settings }, { redis: secret })).get('redis')
      expect(await state()).toMatchObject({ state: 'warning' })
      await configure('maxmemory-policy', 'allkeys-lru')
      expect(await state()).toMatchObject({ state: 'ok' })
    })
  })

  describe('a dead store', () => {
    let silent: Listening
    beforeAll(async () => {
      silent = await silentServer()
    })
    afterAll(() => silent.close())

    test('is given up after its own ten seconds, whichever it is, and holds none of the others', async () => {
      const at = { host: '127.0.0.1', port: silent.port }
      const started = performance.now()
      const dead = await check(
        {
          postgres: { ...postgres.settings, ...at },
          mongo: { uri: `mongodb://127.0.0.1:${silent.port}/`, database: 'x' },
          redis: { ...redis.settings, nodes: [at] },
          backup: { ...s3.settings, endpoint: `http://127.0.0.1:${silent.port}` },
        },
        { postgres: 'x', mongo: 'x', redis: 'x', backup: 'x' },
      )
      expect(performance.now() - started).toBeLessThan(12_000)
      for (const store of dead.values()) {
        expect(store).toMatchObject({
          state: 'failed',
          error: { hint: expect.any(String), details: { reason: 'timeout' } },
        })
      }
    })
    test('does not hold a caller who cancels', async () => {
      const controller = new AbortController()
      const checking = check(
        { postgres: { ...postgres.settings, host: '127.0.0.1', port: silent.port } },
        { postgres: 'x' },
        controller.signal,
      )
      controller.abort()
      expect((await checking).get('postgres')).toMatchObject({ state: 'failed', error: { code: 'CANCELLED' } })
    })
  })
})
