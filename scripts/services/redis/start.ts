import { readFile } from 'node:fs/promises'
import type { Certificates } from '../runtime/certificates.ts'
import type { Run } from '../runtime/run.ts'
import { startRedis, tlsSettings } from './server.ts'
import { redisSite } from './site.ts'

export async function startRedisService(run: Run): Promise<Record<string, string>> {
  const name = 'redis'
  const site = await redisSite(run, name)
  const port = await run.port(name)
  const password = run.secret(name)
  await startRedis(run, { name, site, port, password, settings: [`port ${port}`] }, { host: '127.0.0.1', port })
  return { TENANTRY_TEST_REDIS_URL: `redis://:${password}@127.0.0.1:${port}` }
}

export async function startRedisTlsService(run: Run, certificates: Certificates): Promise<Record<string, string>> {
  const name = 'redis-tls'
  const site = await redisSite(run, name)
  const port = await run.port(name)
  const password = run.secret(name)
  const settings = await tlsSettings(site, port, certificates)
  const tls = { ca: await readFile(certificates.ca) }
  await startRedis(run, { name, site, port, password, settings }, { host: '127.0.0.1', port, tls })
  return {
    TENANTRY_TEST_REDIS_TLS_URL: `rediss://:${password}@127.0.0.1:${port}`,
    TENANTRY_TEST_REDIS_CA: certificates.ca,
  }
}
