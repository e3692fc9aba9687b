import { randomBytes } from 'node:crypto'
import type {
  Environment,
  EnvironmentSecrets,
  EnvironmentSettings,
  Stores,
} from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { createTestDatabase, type TestDatabase } from '../../src/main/testing/test-database.ts'
import type { HostClient } from './host-client.ts'

export interface SystemOptions {
  name?: string
  class?: EnvironmentSettings['class']
  role?: EnvironmentSettings['role']
  stores?: Omit<Stores, 'postgres'>
  secrets?: Omit<EnvironmentSecrets, 'postgres'>
  /** Reach PostgreSQL through another address (a fault proxy). */
  through?: { host: string; port: number }
  withoutRegistry?: boolean
}

/** An environment of the console over a database of its own on the real server. */
export interface System extends AsyncDisposable {
  environment: Environment
  database: TestDatabase
  createTenant(slug: string, name?: string): Promise<TenantRow>
}

/** No two specs of a run use the same slug, so they can share a system. */
export const uniqueSlug = (head: string): string => `${head}-${randomBytes(4).toString('hex')}`

export async function createSystem(client: HostClient, options: SystemOptions = {}): Promise<System> {
  const database = await createTestDatabase(options.through === undefined ? {} : { through: options.through })
  const environment = await client.call('environments.create', {
    settings: {
      name: options.name ?? `System ${database.settings.database}`,
      class: options.class ?? 'development',
      role: options.role ?? 'dba',
      stores: { ...options.stores, postgres: database.settings },
    },
    secrets: { ...options.secrets, postgres: database.password },
    secretStorage: 'session',
  })
  const environmentId = environment.id
  if (options.withoutRegistry !== true) await client.call('migrations.migrateRegistry', { environmentId })
  return {
    environment,
    database,
    createTenant: async (slug, name = `Tenant ${slug}`) => {
      const input = { environmentId, name, slug, adminEmail: `admin@${slug}.example` }
      return (await client.finishJob('tenants.create', input)).tenant
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
