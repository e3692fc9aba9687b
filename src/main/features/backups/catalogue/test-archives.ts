import { createHash } from 'node:crypto'
import type { Environment } from '#shared/contract/environment.model.ts'
import { TenantId } from '#shared/ids.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { openWriteDb, type WriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { createTestConsole, type TestConsole } from '../../../testing/test-console.ts'
import { archivePrefix, MANIFEST_NAME, SCHEMA_NAME, stampOf, tenantPrefix } from '../archive/layout.ts'
import { FORMAT_VERSION, type Manifest, seal } from '../archive/manifest.ts'
import type { ArchivedTenant } from './time-line.ts'

/** For tests: a registry of its own, archives without tables, and stores that count or fail. */

const DEFINITIONS = Buffer.from('-- definitions\n')
const SHA256 = createHash('sha256').update(DEFINITIONS).digest('hex')

export const never = new AbortController().signal

export interface TestRegistry extends AsyncDisposable {
  console: TestConsole
  environment: Environment
  pool: PostgresPool
  registry: WriteDb
  /** A handle that ends with the signal. */
  bound(signal: AbortSignal): WriteDb
  addTenant(slug: string, status?: string): Promise<ArchivedTenant>
  /** Deletes what lies under the tenants' schemas: a bucket is shared with other suites. */
  forgetArchives(store: BackupStore): Promise<void>
}

export async function createTestRegistry(backup: Environment['stores']['backup']): Promise<TestRegistry> {
  const console = await createTestConsole()
  const pool = new PostgresPool(console.database.settings, console.database.password)
  const schemas: string[] = []
  const bound = (signal: AbortSignal) =>
    openWriteDb({ pool: async () => pool, space: 'registry' as const, schema: 'public', signal })
  return {
    console,
    environment: { ...console.environment, stores: { ...console.environment.stores, backup } },
    pool,
    registry: bound(never),
    bound,
    addTenant: async (slug, status = 'active') => {
      const id = TenantId.parse(crypto.randomUUID())
      const tenant = { id, slug, name: slug, databaseSchema: `tenant_${slug.replaceAll('-', '_')}_${id.slice(0, 8)}` }
      schemas.push(tenant.databaseSchema)
      await console.database.client.query(
        `insert into tenants (id, name, slug, database_schema, admin_email, status) values ($1, $2, $3, $4, 'a@b.example', $5)`,
        [id, tenant.name, slug, tenant.databaseSchema, status],
      )
      return tenant
    },
    forgetArchives: async store => {
      for (const schema of schemas.splice(0)) await store.delete(await keysBelow(store, tenantPrefix(schema)), never)
    },
    [Symbol.asyncDispose]: async () => {
      await pool.close()
      await console[Symbol.asyncDispose]()
    },
  }
}

export function testManifest(tenant: ArchivedTenant, at: string, change: Partial<Manifest> = {}): Manifest {
  const { hash: _, ...rest } = change
  return seal({
    formatVersion: FORMAT_VERSION,
    kind: 'tenant',
    isolation: 'schema',
    writtenBy: '0.0.0-test',
    environment: { id: '00000000-0000-4000-8000-000000000001', name: 'Test system', class: 'development' },
    tenant: {
      ...tenant,
      adminEmail: 'a@b.example',
      description: null,
      settings: {},
      status: 'active',
      features: [],
    },
    server: { version: '15.1', major: 15 },
    snapshotAt: at,
    startedAt: at,
    finishedAt: at,
    schema: {
      version: 1,
      migrations: [{ version: 1, name: 'core', checksum: SHA256 }],
      fingerprint: SHA256,
      source: 'migrations',
      object: { name: SCHEMA_NAME, bytes: DEFINITIONS.length, sha256: SHA256 },
    },
    sequences: [],
    tables: [],
    rows: 0,
    bytes: 0,
    storedBytes: DEFINITIONS.length,
    ...rest,
  })
}

interface TestArchive {
  tenant: ArchivedTenant
  at: string
  /** `none`: a backup that died. A text: what stands in the manifest's place. */
  manifest?: 'none' | string | undefined
}

/** Puts a whole archive without tables into the store, or a broken one; resolves to its prefix. */
export async function putArchive(store: BackupStore, { tenant, at, manifest }: TestArchive): Promise<string> {
  const prefix = archivePrefix(tenant.databaseSchema, stampOf(new Date(at)))
  await store.put(`${prefix}${SCHEMA_NAME}`, DEFINITIONS, never)
  const text = manifest ?? JSON.stringify(testManifest(tenant, new Date(at).toISOString()))
  if (manifest !== 'none') await store.put(`${prefix}${MANIFEST_NAME}`, Buffer.from(text), never)
  return prefix
}

export async function keysBelow(store: BackupStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.listAll(prefix, never)) keys.push(key)
  return keys
}

/** The store itself, with something done before each call: counting, or failing. */
export const watched = (store: BackupStore, before: (method: string, args: readonly unknown[]) => void): BackupStore =>
  new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        before(String(property), args)
        return (value as (...given: unknown[]) => unknown).apply(target, args)
      }
    },
  })
