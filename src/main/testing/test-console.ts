import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Environment, EnvironmentSettings, Stores } from '#shared/contract/environment.model.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { newId } from '#shared/ids.ts'
import type { Role } from '#shared/permissions.ts'
import { LocalClient } from '../kernel/local-client.ts'
import { createServices, type Services } from '../services.ts'
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.ts'

const PROJECT = resolve(import.meta.dirname, '..', '..', '..')

/** A whole console over a database of its own: the real services, the real kernel, an environment, a registry. */
export interface TestConsole extends AsyncDisposable {
  client: LocalClient
  environment: Environment
  database: TestDatabase
  services: Services
  folder: string
  /** Another session of the same console, with a weaker role. */
  connect(maximumRole: Role): LocalClient
  createTenant(slug: string, onChange?: (job: JobSnapshot) => void): Promise<TenantRow>
}

export interface TestConsoleOptions extends TestDatabaseOptions {
  class?: EnvironmentSettings['class']
  role?: Role
  /** Leave the database without a registry. */
  withoutRegistry?: boolean
  /** Stores besides PostgreSQL. */
  stores?: Omit<Stores, 'postgres'>
  /** bcrypt's cost; the console's own when absent. */
  passwordCost?: number
}

export async function createTestConsole(options: TestConsoleOptions = {}): Promise<TestConsole> {
  const database = await createTestDatabase(options)
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-console-'))
  const services = await createServices({
    dataDirectory: folder,
    resourcesDirectory: PROJECT,
    version: '0.0.0-test',
    ...(options.passwordCost === undefined ? {} : { passwordCost: options.passwordCost }),
  })
  const connect = (maximumRole: Role) =>
    new LocalClient(services.kernel, { id: newId(), user: 'asha', host: 'cli', maximumRole })
  const client = connect('dba')
  const environment = await client.call('environments.create', {
    settings: {
      name: 'Test system',
      class: options.class ?? 'development',
      role: options.role ?? 'dba',
      stores: { ...options.stores, postgres: database.settings },
    },
    secrets: { postgres: database.password },
    secretStorage: 'session',
  })
  const environmentId = environment.id
  if (options.withoutRegistry !== true) await client.call('migrations.migrateRegistry', { environmentId })
  return {
    client,
    environment,
    database,
    services,
    folder,
    connect,
    createTenant: async (slug, onChange) => {
      const input = { environmentId, name: `Tenant ${slug}`, slug, adminEmail: `admin@${slug}.example` }
      return (await client.runJob('tenants.create', input, onChange === undefined ? {} : { onChange })).tenant
    },
    [Symbol.asyncDispose]: async () => {
      await services.close()
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
