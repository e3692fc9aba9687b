import { readFile } from 'node:fs/promises'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { variable } from './environment.ts'

function connect(url: string, options: { tls?: { ca: string } } = {}): Redis {
  const client = new Redis(url, { ...options, retryStrategy: () => null, maxRetriesPerRequest: 0, lazyConnect: true })
  // Failures reach the test through the rejected command.
  client.on('error', () => undefined)
  onTestFinished(() => client.disconnect())
  return client
}

describe('Redis', () => {
  const url = variable('TENANTRY_TEST_REDIS_URL')

  test('stores and expires keys', async () => {
    const client = connect(url)
    await client.set('services:test', 'value', 'EX', 60)
    expect(await client.get('services:test')).toBe('value')
    expect(await client.ttl('services:test')).toBeGreaterThan(0)
    await client.del('services:test')
  })

  test('refuses a client without and with a wrong password', async () => {
    const without = new URL(url)
    without.password = ''
    await expect(connect(without.href).get('key')).rejects.toThrow(/NOAUTH/)
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(connect(wrong.href).get('key')).rejects.toThrow(/WRONGPASS|NOAUTH/)
  })
})

describe('Redis with TLS', () => {
  const url = variable('TENANTRY_TEST_REDIS_TLS_URL')

  test('serves a client that knows its authority, and no other', async () => {
    const ca = await readFile(variable('TENANTRY_TEST_REDIS_CA'), 'utf8')
    expect(await connect(url, { tls: { ca } }).ping()).toBe('PONG')
    await expect(connect(url).connect()).rejects.toThrow()
    await expect(connect(url.replace('rediss:', 'redis:')).connect()).rejects.toThrow()
  })
})

describe('Redis cluster', () => {
  test('has three masters that answer for every slot', async () => {
    const nodes = variable('TENANTRY_TEST_REDIS_CLUSTER')
      .split(',')
      .map(address => ({ host: address.split(':')[0] ?? '', port: Number(address.split(':')[1]) }))
    const password = variable('TENANTRY_TEST_REDIS_CLUSTER_PASSWORD')
    const cluster = new Cluster(nodes, { redisOptions: { password } })
    onTestFinished(() => cluster.disconnect())
    const keys = Array.from({ length: 50 }, (_, index) => `services:test:${index}`)
    await Promise.all(keys.map(key => cluster.set(key, key, 'EX', 60)))
    expect(await Promise.all(keys.map(key => cluster.get(key)))).toEqual(keys)
    expect(cluster.nodes('master')).toHaveLength(3)
    expect(String(await cluster.call('CLUSTER', 'INFO'))).toContain('cluster_slots_ok:16384')
  })
})
