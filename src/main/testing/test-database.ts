import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { PostgresSettings } from '#shared/contract/environment.model.ts'
import { requireService } from './services.ts'

/** A database of a test's own on a real server; disposing of it drops it, with whoever is still connected. */
export interface TestDatabase extends AsyncDisposable {
  settings: PostgresSettings
  password: string
  url: string
  /** A plain connection as superuser, for arranging and asserting. */
  client: pg.Client
}

export type PostgresService = 'TENANTRY_TEST_PG15_URL' | 'TENANTRY_TEST_PG18_URL'

export interface TestDatabaseOptions {
  /** Which real server; when absent the one that the test run chose with TENANTRY_TEST_POSTGRES, else PostgreSQL 15. */
  service?: PostgresService
  /** A server of the test's own instead, as superuser. */
  url?: string
  /** Reach the server through another address (a fault proxy). */
  through?: { host: string; port: number }
}

/** Superuser's URL of the server that the test run chose, or of the named one. */
export function postgresUrl(service?: PostgresService): string {
  const chosen =
    process.env.TENANTRY_TEST_POSTGRES === 'TENANTRY_TEST_PG18_URL'
      ? 'TENANTRY_TEST_PG18_URL'
      : 'TENANTRY_TEST_PG15_URL'
  return requireService(service ?? chosen)
}

/** On a connection of its own: a test may crash its server in between. */
async function asAdmin(server: URL, text: string): Promise<void> {
  const admin = new pg.Client({ connectionString: server.href })
  await admin.connect()
  try {
    await admin.query(text)
  } finally {
    await admin.end()
  }
}

export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = new URL(options.url ?? postgresUrl(options.service))
  const database = `t_${randomBytes(6).toString('hex')}`
  await asAdmin(server, `create database ${database} template template0`)
  const url = new URL(server)
  url.pathname = `/${database}`
  const client = new pg.Client({ connectionString: url.href })
  client.on('error', () => undefined)
  await client.connect()
  const settings: PostgresSettings = {
    host: options.through?.host ?? server.hostname,
    port: options.through?.port ?? Number(server.port || 5432),
    database,
    user: decodeURIComponent(server.username),
    tls: { mode: 'disable' },
    registrySchema: 'public',
  }
  const dispose = async () => {
    await client.end().catch(() => undefined)
    await asAdmin(server, `drop database if exists ${database} with (force)`)
  }
  return {
    settings,
    password: decodeURIComponent(server.password),
    url: url.href,
    client,
    [Symbol.asyncDispose]: dispose,
  }
}
