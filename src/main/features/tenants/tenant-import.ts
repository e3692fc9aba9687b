import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import { sql, type WriteTx } from '../../connections/postgres/database.ts'
import { copyTenantLedger, requireRegistry } from '../migrations/migration.service.ts'
import { asSlugConflict, schemaName } from './provisioning.service.ts'
import * as repository from './tenant.repository.ts'
import * as facts from './tenant-facts.repository.ts'

/** For a tenant that is made from data instead of being provisioned. As there, it is reserved first and whole or gone at the end. */
export interface ImportedTenant {
  id: string
  slug: string
  name: string
  adminEmail: string
  description: string | null
  settings: Json
  features: readonly { feature: string; enabled: boolean; config: Json }[]
}

export interface ImportNote {
  who: string
  /** Where it comes from, for the history. */
  source: Json
  reason?: string | undefined
}

/**
 * Reserves slug and schema name in the registry, so that everybody sees the tenant as `provisioning`; the schema itself is the caller's to
 * build. Hold the lock of the new id. Resolves to the schema's name; rejects with CONFLICT when the slug is taken.
 */
export async function reserveImport(
  tx: WriteTx<'registry'>,
  tenant: ImportedTenant,
  note: ImportNote,
): Promise<string> {
  await requireRegistry(tx)
  const databaseSchema = schemaName(tenant.slug, tenant.id)
  const { features: _, ...row } = tenant
  await repository.insertTenant(tx, { ...row, databaseSchema }).catch((error: unknown) => {
    throw asSlugConflict(error, tenant.slug)
  })
  const entry = { who: note.who, tenantId: tenant.id, slug: tenant.slug, reason: note.reason }
  await repository.addAudit(tx, { ...entry, action: 'tenant.clone', after: note.source })
  return databaseSchema
}

/** Makes the reserved tenant active, with its features and the ledger that its schema holds. */
export async function activateImport(tx: WriteTx<'registry'>, tenant: ImportedTenant, who: string): Promise<TenantRow> {
  const row = await repository.lockTenant(tx, tenant.id)
  if (row.status !== 'provisioning') {
    throw new AppError('CONFLICT', 'Somebody removed or changed the reserved tenant meanwhile.')
  }
  for (const { feature, enabled, config } of tenant.features) {
    await tx.run(
      sql('tenant_features').insert({ tenant_id: tenant.id, feature, enabled, config: JSON.stringify(config) }),
    )
  }
  await copyTenantLedger(tx, { tenantId: tenant.id, schema: row.databaseSchema })
  await repository.changeTenant(tx, tenant.id, { status: 'active' })
  await repository.addAudit(tx, { who, action: 'tenant.activate', tenantId: tenant.id, slug: tenant.slug })
  return await repository.lockTenant(tx, tenant.id)
}

/** Takes the reservation and what was built away; only the history stays. */
export async function cancelImport(tx: WriteTx<'registry'>, tenant: ImportedTenant, who: string): Promise<void> {
  const row = await repository.findTenant(tx, tenant.id)
  if (row === undefined || row.status === 'active') return
  await tx.script(facts.dropSchemaSql(row.databaseSchema))
  await repository.removeTenant(tx, tenant.id)
  await repository.addAudit(tx, { who, action: 'tenant.cancel', tenantId: tenant.id, slug: tenant.slug })
}
