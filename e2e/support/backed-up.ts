import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { realS3 } from '../../src/main/testing/real-stores.ts'
import type { HostClient } from './host-client.ts'
import type { System, SystemOptions } from './system.ts'

/** Options of a system whose archives go to the real bucket; its tenants' schemas have names of their own there. */
export function inBucket(options: SystemOptions = {}): SystemOptions {
  const { settings, secret } = realS3()
  return {
    ...options,
    stores: { ...options.stores, backup: settings },
    secrets: { ...options.secrets, backup: secret },
  }
}

/** Backs a tenant up; answers with the place of the archive. */
export async function backUp(client: HostClient, system: System, tenant: TenantRow): Promise<string> {
  const { archive } = await client.finishJob('backups.create', {
    environmentId: system.environment.id,
    tenantId: tenant.id,
  })
  return archive
}

/** The departments of a live tenant by code, as the database has them. */
export async function departmentsOf(system: System, tenant: TenantRow): Promise<Record<string, string>> {
  const { rows } = await system.database.client.query(
    `select code, name from "${tenant.databaseSchema}".departments order by code`,
  )
  return Object.fromEntries(rows.map(({ code, name }) => [code, name]))
}

/** Deletes one department of a live tenant, renames one and adds one. */
export async function changeDepartments(system: System, tenant: TenantRow): Promise<void> {
  const table = `"${tenant.databaseSchema}".departments`
  const { rows } = await system.database.client.query(`select code from ${table} order by code limit 2`)
  const [deleted, renamed] = rows.map(({ code }) => String(code))
  await system.database.client.query(`delete from ${table} where code = $1`, [deleted])
  await system.database.client.query(`update ${table} set name = 'Renamed', updated_at = now() where code = $1`, [
    renamed,
  ])
  await system.database.client.query(`insert into ${table} (name, code) values ('Added', 'ADDED')`)
}
