import { Redis } from 'ioredis'
import type { Certificates } from '../runtime/certificates.ts'
import { startDaemon } from '../runtime/daemon.ts'
import type { Run } from '../runtime/run.ts'
import { copyOwned, makeFolder, type Site, writeOwned } from '../runtime/site.ts'

export interface RedisConnection {
  host: string
  port: number
  tls?: { ca: Buffer }
}

export interface RedisSpec {
  name: string
  site: Site
  port: number
  password: string
  settings: readonly string[]
}

/** Starts one Redis server on loopback and waits until it answers a ping over the given way. */
export async function startRedis(run: Run, spec: RedisSpec, connection: RedisConnection): Promise<void> {
  const { name, site, password } = spec
  const data = await makeFolder(site, 'data')
  const lines = [
    'bind 127.0.0.1',
    `dir ${data}`,
    `requirepass ${password}`,
    // A kept server writes its data on a polite end; others never touch the disk.
    run.isKept ? 'save 3600 1' : 'save ""',
    'appendonly no',
    'daemonize no',
    ...spec.settings,
    '',
  ]
  const configuration = await writeOwned(site, 'redis.conf', lines.join('\n'))
  const daemon = await startDaemon(run, { name, argv: site.command(['redis-server', configuration]), ...site.identity })
  await daemon.ready(() => answersPing({ ...connection, password }))
}

/** One attempt to connect and ping; an unreachable server is an error, as waitFor expects. */
export async function answersPing(options: RedisConnection & { password: string }): Promise<boolean> {
  const client = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  // Each failure also comes as an event; the rejected promise already tells of it.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } finally {
    client.disconnect()
  }
}

export async function tlsSettings(site: Site, port: number, certificates: Certificates): Promise<string[]> {
  return [
    'port 0',
    `tls-port ${port}`,
    `tls-cert-file ${await copyOwned(site, 'server.crt', certificates.certificate)}`,
    `tls-key-file ${await copyOwned(site, 'server.key', certificates.key)}`,
    `tls-ca-cert-file ${await copyOwned(site, 'ca.crt', certificates.ca)}`,
    'tls-auth-clients no',
  ]
}
