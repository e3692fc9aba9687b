import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresSettings } from '#shared/contract/environment.model.ts'
import { closedPort, type Listening, silentServer, UNKNOWN_HOST } from '../../testing/addresses.ts'
import { eventually } from '../../testing/eventually.ts'
import { realPostgres } from '../../testing/real-stores.ts'
import { requireService } from '../../testing/services.ts'
import { withoutTls } from '../../testing/tls-refusing-proxy.ts'
import { backendPid, PostgresPool } from './pool.ts'

const never = new AbortController().signal

describe.each(['TENANTRY_TEST_PG15_URL', 'TENANTRY_TEST_PG18_URL'])('the pool at %s', variable => {
  const { settings, secret } = realPostgres('prefer', variable)
  const authority = readFileSync(requireService('TENANTRY_TEST_PG_CA'), 'utf8')
  const admin = new pg.Client({ connectionString: requireService(variable) })
  const role = `pool_test_${Math.random().toString(36).slice(2, 10)}`
  const pools: PostgresPool[] = []

  const openAs = (password: string | undefined, change: Partial<PostgresSettings> = {}) => {
    const pool = new PostgresPool({ ...settings, ...change }, password)
    pools.push(pool)
    return pool
  }
  const open = (change: Partial<PostgresSettings> = {}) => openAs(secret, change)
  const ask = (pool: PostgresPool, text = 'select 1 as one', signal = never) =>
    pool.use(signal, async connection => (await connection.query(text)).rows[0])
  const isEncrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'

  beforeAll(async () => {
    await admin.connect()
    await admin.query(`create role ${role} login password 'only a test'`)
  })
  afterAll(async () => {
    await Promise.all(pools.map(pool => pool.close()))
    await admin.query(`drop role ${role}`)
    await admin.end()
  })

  describe('failures are named', () => {
    const failure = (pool: PostgresPool, text?: string) => expect(ask(pool, text)).rejects
    const hint = expect.any(String)

    test('a port on which nothing listens', async () => {
      await failure(open({ host: '127.0.0.1', port: await closedPort() })).toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'refused' },
        hint,
      })
    })
    test('a socket folder without a server', async () => {
      await failure(open({ host: '/nonexistent' })).toMatchObject({ details: { reason: 'refused' }, hint })
    })
    test('an unknown host', async () => {
      await failure(open({ host: UNKNOWN_HOST })).toMatchObject({ details: { reason: 'unknown-host' }, hint })
    })
    test('a wrong password', async () => {
      await failure(openAs('wrong')).toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'authentication', sqlState: '28P01' },
        hint,
      })
    })
    test('no password at all, without looking for one on this machine', async () => {
      process.env.PGPASSWORD = secret
      try {
        await failure(openAs(undefined)).toMatchObject({ details: { reason: 'authentication' } })
      } finally {
        delete process.env.PGPASSWORD
      }
    })
    test('a database that does not exist', async () => {
      await failure(open({ database: 'nowhere' })).toMatchObject({ details: { reason: 'missing' }, hint })
    })
    test('a role without the privilege', async () => {
      await failure(openAs('only a test', { user: role }), 'create schema not_mine').toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { reason: 'permission', sqlState: '42501' },
        hint,
      })
    })
    test('a user who must come encrypted and does not', async () => {
      const tlsOnly = realPostgres('disable', variable.replace('_URL', '_TLS_ONLY_URL'))
      await failure(openAs(tlsOnly.secret, tlsOnly.settings)).toMatchObject({
        details: { reason: 'authentication', sqlState: '28000' },
        hint: expect.stringContaining('TLS'),
      })
    })
    test('a certificate of an unknown authority', async () => {
      await failure(open({ tls: { mode: 'verify-full' } })).toMatchObject({
        details: { reason: 'tls-untrusted' },
        hint,
      })
    })
    test('an authority that is no certificate', async () => {
      await failure(open({ tls: { mode: 'verify-ca', ca: 'not PEM' } })).toMatchObject({
        details: { reason: 'tls-authority' },
        hint,
      })
    })
    test('a statement over its time', async () => {
      await failure(open(), 'set statement_timeout to 20; select pg_sleep(5)').toMatchObject({ code: 'TIMEOUT', hint })
    })
  })

  describe('TLS modes', () => {
    test.each(['require', 'prefer'] as const)('%s encrypts without checking the authority', async mode => {
      expect(await ask(open({ tls: { mode } }), isEncrypted)).toEqual({ ssl: true })
    })
    test.each(['verify-ca', 'verify-full'] as const)('%s accepts the authority that signed', async mode => {
      const pool = open({ host: 'localhost', tls: { mode, ca: authority } })
      expect(await ask(pool, isEncrypted)).toEqual({ ssl: true })
    })
    test('disable stays in plain text', async () => {
      expect(await ask(open({ tls: { mode: 'disable' } }), isEncrypted)).toEqual({ ssl: false })
    })

    describe('at a server without TLS', () => {
      let plain: { port: number; close(): void }
      beforeAll(async () => {
        plain = await withoutTls(settings)
      })
      afterAll(() => plain.close())

      test('require is refused', async () => {
        const pool = open({ host: '127.0.0.1', port: plain.port, tls: { mode: 'require' } })
        await expect(ask(pool)).rejects.toMatchObject({ details: { reason: 'tls-refused' }, hint: expect.any(String) })
      })
      test('prefer goes on in plain text, for many callers at once', async () => {
        const pool = open({ host: '127.0.0.1', port: plain.port, tls: { mode: 'prefer' } })
        const answers = await Promise.all(Array.from({ length: 25 }, () => ask(pool)))
        expect(answers).toHaveLength(25)
      })
    })
  })

  describe('interruptions', () => {
    let silent: Listening
    beforeAll(async () => {
      silent = await silentServer()
    })
    afterAll(() => silent.close())

    test('a caller who cancels while connecting is not held', async () => {
      const controller = new AbortController()
      const asking = ask(open({ host: '127.0.0.1', port: silent.port }), 'select 1', controller.signal)
      controller.abort()
      await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' })
    })

    test('a caller who cancels a statement ends it on the server', async () => {
      const pool = open()
      const controller = new AbortController()
      let pid: number | undefined
      const asking = pool.use(controller.signal, async connection => {
        pid = backendPid(connection)
        await connection.query('select pg_sleep(60)')
      })
      const state = async () =>
        (await admin.query<{ state: string }>('select state from pg_stat_activity where pid = $1', [pid])).rows[0]
          ?.state
      await eventually(async () => ((await state()) === 'active' ? true : undefined))
      controller.abort()
      await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' })
      await eventually(async () => ((await state()) === 'active' ? undefined : true))
      expect(await ask(pool)).toEqual({ one: 1 })
    })

    test('connections that the server ended are opened anew at the next use', async () => {
      const pool = open()
      const [one, two] = await Promise.all([
        pool.use(never, async c => (await c.query('select pg_backend_pid() as pid, pg_sleep(0.05)')).rows[0]?.pid),
        pool.use(never, async c => (await c.query('select pg_backend_pid() as pid, pg_sleep(0.05)')).rows[0]?.pid),
      ])
      await admin.query('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [[one, two]])
      await eventually(async () => {
        const left = await admin.query('select 1 from pg_stat_activity where pid = any($1::int[])', [[one, two]])
        return left.rowCount === 0 ? true : undefined
      })
      expect(await ask(pool)).toEqual({ one: 1 })
      expect(await ask(pool)).toEqual({ one: 1 })
    })

    test('a statement under way when the server ends the connection fails as lost; the next use works', async () => {
      const pool = open()
      const asking = pool.use(never, async connection => {
        await admin.query('select pg_terminate_backend($1)', [backendPid(connection)])
        await connection.query('select pg_sleep(60)')
      })
      await expect(asking).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        retryable: true,
        hint: expect.any(String),
      })
      expect(await ask(pool)).toEqual({ one: 1 })
    })

    test('a closed pool lends nothing more', async () => {
      const pool = open()
      await ask(pool)
      await pool.close()
      await expect(ask(pool)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
    })
  })
})
