import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedisSettings } from '#shared/contract/environment.model.ts'
import { type FaultProxy, startFaultProxy } from '../../../../scripts/services/fault.ts'
import { closedPort, type Listening, silentServer, UNKNOWN_HOST } from '../../testing/addresses.ts'
import { type RealStore, realRedis, realRedisCluster, realRedisTls } from '../../testing/real-stores.ts'
import { RedisConnection } from './redis-connection.ts'

const never = new AbortController().signal
const hint = expect.any(String)
const connections: RedisConnection[] = []

const openAs = (password: string | undefined, settings: RedisSettings) => {
  const connection = new RedisConnection(settings, password)
  connections.push(connection)
  return connection
}
const open = ({ settings, secret }: RealStore<RedisSettings>, change: Partial<RedisSettings> = {}) =>
  openAs(secret, { ...settings, ...change })
const ping = (connection: RedisConnection, signal = never) => connection.use(signal, client => client.ping())
const at = (host: string, port: number) => ({ nodes: [{ host, port }] })

afterAll(() => Promise.all(connections.map(connection => connection.close())))

describe.each([
  ['one server', realRedis],
  ['one server over TLS', realRedisTls],
  ['a cluster', realRedisCluster],
])('Redis: %s', (_what, real) => {
  test('writes and reads', async () => {
    const connection = open(real())
    const key = `tenantry-test:${Math.random()}`
    const value = await connection.use(never, async client => {
      await client.set(key, 'ü', 'EX', 60)
      return await client.get(key)
    })
    expect(value).toBe('ü')
  })

  test.each([
    ['a wrong password', 'wrong'],
    ['no password', undefined],
  ])('names %s', async (_case, password) => {
    await expect(ping(openAs(password, real().settings))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'authentication' },
      hint,
    })
  })
  test('names a port on which nothing listens', async () => {
    await expect(ping(open(real(), at('127.0.0.1', await closedPort())))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'refused' },
      hint,
    })
  })
  test('names an unknown host', async () => {
    await expect(ping(open(real(), at(UNKNOWN_HOST, 6_379)))).rejects.toMatchObject({
      details: { reason: 'unknown-host' },
      hint,
    })
  })
  test('opens one connection for callers who come at once', async () => {
    const connection = open(real())
    const clients = await Promise.all(Array.from({ length: 10 }, () => connection.use(never, async client => client)))
    expect(new Set(clients).size).toBe(1)
  })
  test('a closed connection lends nothing more', async () => {
    const connection = open(real())
    await ping(connection)
    await connection.close()
    await expect(ping(connection)).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
  })
})

describe('Redis: settings that do not fit the server', () => {
  test('an authority that did not sign', async () => {
    await expect(ping(open(realRedisTls(), { tls: { enabled: true } }))).rejects.toMatchObject({
      details: { reason: 'tls-untrusted' },
      hint,
    })
  })
  test('an authority that is no certificate', async () => {
    await expect(ping(open(realRedisTls(), { tls: { enabled: true, ca: 'not PEM' } }))).rejects.toMatchObject({
      details: { reason: 'tls-authority' },
      hint,
    })
  })
  test('plain text against a TLS port', async () => {
    await expect(ping(open(realRedisTls(), { tls: { enabled: false } }))).rejects.toMatchObject({
      details: { reason: 'tls-refused' },
      hint: expect.stringContaining('TLS'),
    })
  })
  test('a database number that a cluster does not have', async () => {
    const { settings, secret } = realRedisCluster()
    const connection = openAs(secret, { ...settings, mode: 'single', database: 3, nodes: settings.nodes.slice(0, 1) })
    await expect(ping(connection)).rejects.toMatchObject({ details: { reason: 'missing' }, hint })
  })
  test('a single server taken for a cluster', async () => {
    await expect(ping(open(realRedis(), { mode: 'cluster' }))).rejects.toMatchObject({
      message: expect.stringContaining('not part of a cluster'),
      hint,
    })
  })
  test('a node of a cluster taken for a single server', async () => {
    const { settings, secret } = realRedisCluster()
    const connection = openAs(secret, { ...settings, mode: 'single', nodes: settings.nodes.slice(0, 1) })
    // Keys of all slots: two thirds of them rest at other nodes.
    const writing = connection.use(never, async client => {
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await client.set(`tenantry-test:${key}`, '1', 'EX', 5)
    })
    await expect(writing).rejects.toMatchObject({ code: 'CONNECTION_FAILED', hint })
  })
})

describe('Redis: a user without the privilege', () => {
  const user = `reader_${Math.random().toString(36).slice(2, 10)}`
  beforeAll(() =>
    open(realRedis()).use(never, client =>
      client.call('ACL', 'SETUSER', user, 'on', '>only-a-test', '~*', '+ping', '+get', '+hello', '+auth'),
    ),
  )
  afterAll(() => open(realRedis()).use(never, client => client.call('ACL', 'DELUSER', user)))

  test('connects and is told what it may not do', async () => {
    const connection = openAs('only-a-test', { ...realRedis().settings, user })
    expect(await ping(connection)).toBe('PONG')
    await expect(connection.use(never, client => client.set('x', '1'))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      details: { reason: 'permission' },
      hint,
    })
  })
})

describe('Redis: interruptions', () => {
  let silent: Listening
  let proxy: FaultProxy
  const [node] = realRedis().settings.nodes
  beforeAll(async () => {
    silent = await silentServer()
    proxy = await startFaultProxy({ host: node?.host ?? '', port: node?.port ?? 0 })
  })
  afterAll(async () => {
    proxy.close()
    await silent.close()
  })

  test('a caller who cancels while connecting is not held', async () => {
    const controller = new AbortController()
    const asking = ping(open(realRedis(), at('127.0.0.1', silent.port)), controller.signal)
    controller.abort()
    await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' })
  })
  test('a first connection that failed is tried anew at the next use', async () => {
    const connection = open(realRedis(), at('127.0.0.1', proxy.port))
    proxy.refuse()
    await expect(ping(connection)).rejects.toMatchObject({ details: { reason: 'refused' } })
    await proxy.resume()
    expect(await ping(connection)).toBe('PONG')
  })
  test('a command under way when the connection is cut fails as lost; the next use works', async () => {
    const connection = open(realRedis(), at('127.0.0.1', proxy.port))
    await ping(connection)
    const waiting = connection.use(never, async client => {
      const answer = client.blpop('tenantry-test:never', 30)
      proxy.cut()
      return await answer
    })
    await expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true, hint })
    expect(await ping(connection)).toBe('PONG')
  })
})
