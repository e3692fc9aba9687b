import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { sql, type WriteTx } from '../../connections/postgres/database.ts'
import * as repository from './tenant.repository.ts'

/** What other features write down about a tenant whose data they replace or copy. */

/**
 * Shows the tenant as `restoring` to everybody. Call while holding the tenant's lock; without that lock readers see the status before.
 * Rejects with CONFLICT for a tenant that has no whole schema to replace, with NOT_FOUND for one that is gone.
 */
export async function markRestoring(tx: WriteTx<'registry'>, expected: TenantRow): Promise<void> {
  const tenant = await requireSame(tx, expected)
  if (tenant.status === 'failed' || tenant.status === 'provisioning') {
    throw new AppError('CONFLICT', `The tenant is ${tenant.status}; there is nothing live to swap with.`, {
      hint: 'Clean it up, then restore the archive as a new tenant.',
    })
  }
  await repository.changeTenant(tx, tenant.id, { status: 'restoring', status_before: tenant.status })
}

/** Rejects with CONFLICT when the tenant is not what it was when the caller looked: another schema or slug. */
export async function requireSame(tx: WriteTx<'registry'>, expected: TenantRow): Promise<TenantRow> {
  const tenant = await repository.lockTenant(tx, expected.id)
  if (tenant.databaseSchema === expected.databaseSchema && tenant.slug === expected.slug) return tenant
  throw new AppError('CONFLICT', 'The tenant was renamed meanwhile.', { hint: 'Look at it again, then start over.' })
}

/** Gives the tenant the status back that it had before `markRestoring`; does nothing to another status. */
export async function unmarkRestoring(tx: WriteTx<'registry'>, tenantId: string): Promise<void> {
  await tx.run(
    sql('tenants')
      .where({ id: tenantId, status: 'restoring' })
      .update({ status: sql.ref('status_before'), status_before: null, updated_at: sql.raw('now()') }),
  )
}

export type { AuditNote } from './tenant.repository.ts'
/** An entry of the tenant's history. */
export const recordHistory = repository.addAudit
