import type { ClientBase } from 'pg'
import type { OutputOf } from '#shared/contract/index.ts'
import type { EnvironmentId } from '#shared/ids.ts'
import type { LocalClient } from '../../src/main/kernel/local-client.ts'
import { generateTenantData } from './generate.ts'
import { enterTenant, loadTenantData } from './load.ts'
import { DEMO_TENANTS, type DemoTenant } from './tenants.ts'

export interface SeedTarget {
  /** Everything but the bulk of the rows goes through the console's own operations. */
  client: LocalClient
  environmentId: EnvironmentId
  /** A connection to the same database, for the rows. */
  connection: ClientBase
  signal: AbortSignal
}

export interface Seeded {
  tenants: number
  people: number
}

type Tenant = OutputOf<'tenants.get'>

/**
 * Sets up the registry and the demo's tenants. Each step looks at what is there first, so that a seeding that was killed can be
 * done again: rows of a tenant are loaded in one transaction, all or none.
 */
export async function seedDemo(target: SeedTarget): Promise<Seeded> {
  const { client, environmentId, signal } = target
  await client.call('migrations.migrateRegistry', { environmentId }, { signal })
  let people = 0
  for (const demo of DEMO_TENANTS) {
    signal.throwIfAborted()
    people += await seedTenant(target, demo)
  }
  return { tenants: DEMO_TENANTS.length, people }
}

async function seedTenant(target: SeedTarget, demo: DemoTenant): Promise<number> {
  const { client, environmentId, connection, signal } = target
  const tenant = await provision(target, demo)
  const ref = { environmentId, tenantId: tenant.id }
  const data = generateTenantData(demo.data)
  if (!(await hasEmployees(connection, tenant.databaseSchema))) {
    await loadTenantData(connection, tenant.databaseSchema, data)
  }
  for (const { feature, enabled, config } of demo.features) {
    await client.call('features.set', { ...ref, feature, enabled, config }, { signal })
  }
  if (demo.suspension !== null && tenant.status !== 'suspended') {
    await client.call('tenants.suspend', { ...ref, reason: demo.suspension.reason }, { signal })
  }
  return data.employees.length
}

/** The tenant as it is, or a new one; what a killed provisioning left is removed first. */
async function provision({ client, environmentId, signal }: SeedTarget, demo: DemoTenant): Promise<Tenant> {
  const { slug, name, description, adminEmail, adminFirstName, adminLastName, settings } = demo
  const { items } = await client.call('tenants.list', { environmentId, search: slug, limit: 200 }, { signal })
  const found = items.find(tenant => tenant.slug === slug)
  const isHalf = found?.status === 'failed' || found?.status === 'provisioning'
  if (found !== undefined && !isHalf) return found
  if (found !== undefined) await client.runJob('tenants.cleanUp', { environmentId, tenantId: found.id }, { signal })
  const admin = { adminEmail, adminFirstName, adminLastName }
  const { tenant } = await client.runJob(
    'tenants.create',
    { environmentId, slug, name, description, ...admin, settings },
    { signal },
  )
  return await client.call('tenants.get', { environmentId, tenantId: tenant.id }, { signal })
}

/** The default data holds the administrator as a user, but no employee. */
async function hasEmployees(connection: ClientBase, schema: string): Promise<boolean> {
  await connection.query('begin')
  try {
    await enterTenant(connection, schema)
    const { rows } = await connection.query<{ found: boolean }>('select exists (select from employees) as found')
    return rows[0]?.found === true
  } finally {
    await connection.query('rollback')
  }
}
