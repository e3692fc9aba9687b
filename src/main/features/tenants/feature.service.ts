import type { TenantFeature } from '#shared/contract/features.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { ReadDb, WriteDb } from '../../connections/postgres/database.ts'
import * as repository from './feature.repository.ts'
import { addAudit, lockTenant } from './tenant.repository.ts'

export const listFeatures = async (db: ReadDb<'registry'>, tenantId: string): Promise<TenantFeature[]> =>
  await db.read(tx => repository.selectFeatures(tx, tenantId))

/** Rejects with NOT_FOUND when the flag was never set for this tenant. */
export async function getFeature(db: ReadDb<'registry'>, tenantId: string, feature: string): Promise<TenantFeature> {
  const found = await db.read(tx => repository.selectFeature(tx, tenantId, feature))
  if (found === undefined) throw new AppError('NOT_FOUND', `This tenant has no flag ${feature}.`)
  return found
}

/** Sets a flag and writes the tenant's history, in one transaction. */
export async function setFeature(
  db: WriteDb,
  tenant: TenantRow,
  change: repository.FeatureChange & { who: string },
): Promise<TenantFeature> {
  return await db.write(async tx => {
    await lockTenant(tx, tenant.id)
    const before = await repository.selectFeature(tx, tenant.id, change.feature)
    await repository.upsertFeature(tx, tenant.id, change)
    const after = await repository.selectFeature(tx, tenant.id, change.feature)
    if (after === undefined)
      throw new AppError('CONFLICT', 'The flag was removed at the same moment.', { retryable: true })
    await addAudit(tx, {
      who: change.who,
      action: 'feature.set',
      tenantId: tenant.id,
      slug: tenant.slug,
      before: summary(before),
      after: summary(after),
    })
    return after
  })
}

const summary = (flag: TenantFeature | undefined): Json =>
  flag === undefined ? null : { feature: flag.feature, enabled: flag.enabled, config: flag.config }
