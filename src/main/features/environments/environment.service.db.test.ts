import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EnvironmentSettings, Stores } from '#shared/contract/environment.model.ts'
import { EnvironmentId, newId } from '#shared/ids.ts'
import { Connections } from '../../connections/connections.ts'
import { OsKeychain, type SecretStore, SessionSecrets } from '../../connections/keychain.ts'
import { SecretVault } from '../../connections/secret-vault.ts'
import { closedPort } from '../../testing/addresses.ts'
import {
  realMongo,
  realPostgres,
  realRedis,
  realRedisCluster,
  realRedisTls,
  realS3,
} from '../../testing/real-stores.ts'
import { createEnvironmentService, type EnvironmentService } from './environment.service.ts'

const nothing = { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' }
const dba = { maximumRole: 'dba' as const, signal: new AbortController().signal }

describe('environments', () => {
  let folder: string
  let vault: SecretVault
  let connections: Connections
  let service: EnvironmentService

  const make = (keychain: SecretStore, variables: Record<string, string> = {}) => {
    vault = new SecretVault({ keychain, session: new SessionSecrets() })
    connections = new Connections(vault)
    service = createEnvironmentService({ dataDirectory: folder, vault, connections, variables })
  }
  const settings = (name: string, stores: Stores = {}): EnvironmentSettings => ({
    name,
    class: 'development',
    role: 'dba',
    stores,
  })
  const create = (name: string, stores: Stores = {}, secrets: Record<string, string> = {}) =>
    service.create({ settings: settings(name, stores), secrets, secretStorage: 'session' })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-environments-'))
    // Stands for a keychain in these tests; the real one has its own, under a real Secret Service.
    make(new SessionSecrets())
  })
  afterEach(async () => {
    await connections.close()
    await rm(folder, { recursive: true })
  })

  describe('names', () => {
    test('are unique whatever their case, also when renaming', async () => {
      const one = await create('Staging')
      await create('Other')
      const taken = { code: 'CONFLICT', details: { fields: { 'settings.name': expect.any(String) } } }
      await expect(create('staging')).rejects.toMatchObject(taken)
      const rename = (name: string) =>
        service.update(one.id, { settings: settings(name), secrets: {}, secretStorage: 'session' })
      await expect(rename('OTHER')).rejects.toMatchObject(taken)
      expect(await rename('STAGING')).toMatchObject({ name: 'STAGING' })
    })
    test('of two who take the same name at once, one is refused and leaves no secret', async () => {
      const { settings: redis } = realRedis()
      const results = await Promise.allSettled([
        create('Same', { redis }, { redis: 'a' }),
        create('Same', { redis }, { redis: 'b' }),
      ])
      expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await service.list()).toHaveLength(1)
    })
    test('order the list', async () => {
      for (const name of ['beta', 'Alpha', 'gamma']) await create(name)
      expect((await service.list()).map(one => one.name)).toEqual(['Alpha', 'beta', 'gamma'])
    })
  })

  test('an unknown environment is NOT_FOUND everywhere', async () => {
    const id = EnvironmentId.parse(newId())
    const missing = { code: 'NOT_FOUND' }
    const change = { settings: settings('x'), secrets: {}, secretStorage: 'session' as const }
    await expect(service.get(id)).rejects.toMatchObject(missing)
    await expect(service.find(id)).rejects.toMatchObject(missing)
    await expect(service.update(id, change)).rejects.toMatchObject(missing)
    await expect(service.delete(id)).rejects.toMatchObject(missing)
    await expect(service.test({ environmentId: id }, dba)).rejects.toMatchObject(missing)
  })

  test('every update moves the version on', async () => {
    let before = await create('Versioned')
    for (let round = 0; round < 5; round++) {
      const change = { settings: settings('Versioned'), secrets: {}, secretStorage: 'session' as const }
      const after = await service.update(before.id, change)
      expect(after.updatedAt > before.updatedAt).toBe(true)
      expect(after.createdAt).toBe(before.createdAt)
      before = after
    }
  })

  describe('secrets', () => {
    const { settings: redis } = realRedis()
    const { settings: postgres } = realPostgres()

    test.each(['session', 'keychain'] as const)(
      'kept in the %s are in no file and in no answer',
      async secretStorage => {
        const given = { redis: 'hunter2-redis', postgres: 'hunter2-pg' }
        const created = await service.create({
          settings: settings('Secret', { redis, postgres }),
          secrets: given,
          secretStorage,
        })
        expect(created.secrets).toEqual({ ...nothing, redis: secretStorage, postgres: secretStorage })
        const answers = JSON.stringify([created, await service.get(created.id), await service.list()])
        const files = await Promise.all((await readdir(folder)).map(name => readFile(join(folder, name), 'utf8')))
        expect(`${answers}${files.join()}`).not.toContain('hunter2')
        expect(await vault.read(created, 'redis')).toBe('hunter2-redis')
      },
    )

    test('an absent one stays, an empty one goes, and so does the secret of a store that goes', async () => {
      const one = await create('Change', { redis, postgres }, { redis: 'r', postgres: 'p' })
      const update = (stores: Stores, secrets: Record<string, string>) =>
        service.update(one.id, { settings: settings('Change', stores), secrets, secretStorage: 'session' })
      expect((await update({ redis, postgres }, {})).secrets).toEqual({
        ...nothing,
        redis: 'session',
        postgres: 'session',
      })
      const emptied = await update({ redis, postgres }, { redis: '' })
      expect(emptied.secrets).toEqual({ ...nothing, postgres: 'session' })
      expect(await vault.read(emptied, 'redis')).toBeUndefined()
      const gone = await update({ redis }, {})
      expect(gone.secrets).toEqual(nothing)
      expect(await vault.peek({ environmentId: one.id, store: 'postgres' }, 'session')).toBeUndefined()
    })

    test('of a session are missing in the next one, and listed so', async () => {
      const one = await create('Fleeting', { redis }, { redis: 'r' })
      await connections.close()
      make(new SessionSecrets())
      expect(await service.list()).toMatchObject([{ secrets: { ...nothing, redis: 'missing' } }])
      const [result] = await service.test({ environmentId: one.id }, dba)
      expect(result).toMatchObject({
        ok: false,
        error: { code: 'CONNECTION_FAILED', details: { reason: 'secret' }, hint: expect.stringContaining('Fleeting') },
      })
    })

    test('that cannot be kept leave no environment behind, and the error offers the session', async () => {
      make(unavailableKeychain())
      const creating = service.create({
        settings: settings('Refused', { redis }),
        secrets: { redis: 'r' },
        secretStorage: 'keychain',
      })
      await expect(creating).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('session') })
      expect(await service.list()).toEqual([])
      expect(await create('Accepted', { redis }, { redis: 'r' })).toMatchObject({ secrets: { redis: 'session' } })
    })

    test('are put back when the settings cannot be saved', async () => {
      const one = await create('First', { redis }, { redis: 'old' })
      await create('Second')
      const rename = service.update(one.id, {
        settings: settings('Second', { redis }),
        secrets: { redis: 'new' },
        secretStorage: 'keychain',
      })
      await expect(rename).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(await vault.read(await service.get(one.id), 'redis')).toBe('old')
    })

    test('go with their environment', async () => {
      const one = await create('Gone', { redis }, { redis: 'r' })
      await service.delete(one.id)
      expect(await service.list()).toEqual([])
      expect(await vault.peek({ environmentId: one.id, store: 'redis' }, 'session')).toBeUndefined()
    })
  })

  describe('testing the connections', () => {
    test('tells version, latency and what else is worth knowing of each real store', async () => {
      const [postgres, mongo, redis, backup] = [realPostgres('require'), realMongo('env_test'), realRedis(), realS3()]
      const one = await create(
        'Real',
        { postgres: postgres.settings, mongo: mongo.settings, redis: redis.settings, backup: backup.settings },
        { postgres: postgres.secret, mongo: mongo.secret, redis: redis.secret, backup: backup.secret },
      )
      const results = await service.test({ environmentId: one.id }, dba)
      const good = { ok: true, error: null, latencyMs: expect.any(Number) }
      const version = expect.stringMatching(/^\d+\.\d+/)
      expect(results).toEqual([
        {
          ...good,
          store: 'postgres',
          serverVersion: version,
          detail: expect.stringMatching(/as postgres, encrypted with TLSv1\.\d\.$/),
        },
        { ...good, store: 'mongo', serverVersion: version, detail: expect.stringContaining('env_test') },
        { ...good, store: 'redis', serverVersion: version, detail: 'Database 0, not encrypted.' },
        { ...good, store: 'backup', serverVersion: null, detail: expect.stringContaining('deleting work') },
      ])
    })
    test('a cluster, a TLS server and a folder', async () => {
      const [cluster, tls] = [realRedisCluster(), realRedisTls()]
      const results = await Promise.all([
        service.test({ settings: settings('x', { redis: cluster.settings }), secrets: { redis: cluster.secret } }, dba),
        service.test({ settings: settings('x', { redis: tls.settings }), secrets: { redis: tls.secret } }, dba),
        service.test({ settings: settings('x', { backup: { kind: 'folder', path: folder } }) }, dba),
      ])
      expect(results.flat()).toMatchObject([
        { ok: true, detail: 'Cluster with 3 masters, state ok, not encrypted.' },
        { ok: true, detail: 'Database 0, encrypted.' },
        { ok: true, detail: expect.stringContaining(folder) },
      ])
    })
    test('one store that fails does not touch the others', async () => {
      const redis = realRedis()
      const { settings: postgres } = realPostgres()
      const results = await service.test(
        {
          settings: settings('x', { redis: redis.settings, postgres: { ...postgres, port: await closedPort() } }),
          secrets: { redis: redis.secret },
        },
        dba,
      )
      expect(results).toMatchObject([
        { store: 'postgres', ok: false, error: { details: { reason: 'refused' }, hint: expect.any(String) } },
        { store: 'redis', ok: true },
      ])
    })
    test('only the stores that are asked for; one that is not set up is an answer, not a failure', async () => {
      const redis = realRedis()
      const input = { settings: settings('x', { redis: redis.settings }), secrets: { redis: redis.secret } }
      expect(await service.test({ ...input, stores: ['redis', 'mongo'] }, dba)).toMatchObject([
        { store: 'mongo', ok: false, error: { code: 'UNSUPPORTED' } },
        { store: 'redis', ok: true },
      ])
      await expect(service.test({}, dba)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    })
    test('a role that may not create schemas is told so', async () => {
      const { settings: postgres, secret } = realPostgres()
      const pool = await connections.postgres({
        ...(await create('Admin', { postgres }, { postgres: secret })),
      })
      const user = `env_test_${Math.random().toString(36).slice(2, 10)}`
      await pool.use(dba.signal, client => client.query(`create role ${user} login password 'only a test'`))
      try {
        const [result] = await service.test(
          { settings: settings('x', { postgres: { ...postgres, user } }), secrets: { postgres: 'only a test' } },
          dba,
        )
        expect(result).toMatchObject({ ok: true, detail: expect.stringContaining('May create schemas: no') })
      } finally {
        await pool.use(dba.signal, client => client.query(`drop role ${user}`))
      }
    })
    test('a caller who cancels is not held', async () => {
      const controller = new AbortController()
      const redis = realRedis()
      const testing = service.test(
        { settings: settings('x', { redis: redis.settings }) },
        { ...dba, signal: controller.signal },
      )
      controller.abort()
      expect(await testing).toMatchObject([{ ok: false, error: { code: 'CANCELLED' } }])
    })

    describe('with a saved secret', () => {
      const { settings: redis, secret } = realRedis()

      test('it is used for the saved settings, and for changed ones by who may save them', async () => {
        const { id } = await create('Saved', { redis }, { redis: secret })
        expect(await service.test({ environmentId: id }, dba)).toMatchObject([{ ok: true }])
        const changed = settings('Saved', { redis: { ...redis, database: 3 } })
        expect(await service.test({ environmentId: id, settings: changed }, dba)).toMatchObject([{ ok: true }])
      })
      test('one given for the test wins', async () => {
        const { id } = await create('Saved', { redis }, { redis: secret })
        const results = await service.test({ environmentId: id, secrets: { redis: 'wrong' } }, dba)
        expect(results).toMatchObject([{ ok: false, error: { details: { reason: 'authentication' } } }])
      })
      test('a role that may not save settings cannot send it elsewhere', async () => {
        const { id } = await create('Saved', { redis }, { redis: secret })
        const support = { ...dba, maximumRole: 'support' as const }
        const elsewhere = settings('Saved', { redis: { ...redis, database: 3 } })
        expect(await service.test({ environmentId: id }, support)).toMatchObject([{ ok: true }])
        expect(await service.test({ environmentId: id, settings: elsewhere }, support)).toMatchObject([
          { ok: false, error: { code: 'PERMISSION_DENIED' } },
        ])
      })
    })
  })

  describe('importing', () => {
    const text = `# HR
export DATABASE_URL="postgres://ann:hunter2@db.example/hr?sslmode=require"
REDIS_HOST=cache.example
REDIS_PASSWORD='hunter2'
MONGODB_URI=mongodb://no-database.example
`
    test('shows what would be set, what is unclear, and no secret', async () => {
      const preview = service.previewImport({ kind: 'text', text })
      expect(preview).toMatchObject({
        stores: {
          postgres: { host: 'db.example', tls: { mode: 'require' } },
          redis: { nodes: [{ host: 'cache.example' }] },
        },
        secretsFound: ['postgres', 'redis'],
        used: ['DATABASE_URL', 'MONGODB_URI', 'REDIS_HOST', 'REDIS_PASSWORD'],
        problems: [expect.stringContaining('MONGODB_URI')],
      })
      expect(JSON.stringify(preview)).not.toContain('hunter2')
    })
    test('creates the environment with its secrets', async () => {
      const one = await service.import({
        name: 'Imported',
        class: 'staging',
        role: 'operator',
        source: { kind: 'text', text },
        secretStorage: 'session',
      })
      expect(one).toMatchObject({
        class: 'staging',
        role: 'operator',
        secrets: { postgres: 'session', redis: 'session' },
      })
      expect(await vault.read(one, 'postgres')).toBe('hunter2')
    })
    test('reads the variables of this process', () => {
      make(new SessionSecrets(), { REDIS_URL: 'rediss://:hunter2@cache.example' })
      expect(service.previewImport({ kind: 'process' })).toMatchObject({
        stores: { redis: { tls: { enabled: true } } },
        secretsFound: ['redis'],
      })
    })
    test('refuses variables without any store', async () => {
      const importing = service.import({
        name: 'Empty',
        class: 'staging',
        role: 'dba',
        source: { kind: 'text', text: 'A=1' },
        secretStorage: 'session',
      })
      await expect(importing).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        hint: expect.stringContaining('DATABASE_URL'),
      })
    })
  })
})

/** The real keychain's code, made to find no Secret Service. */
function unavailableKeychain(): SecretStore {
  process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent/bus'
  return new OsKeychain()
}
