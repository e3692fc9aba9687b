import type { TenantFeature } from '#shared/contract/features.ts'
import type { Json } from '#shared/json.ts'
import { type ReadTx, sql, type WriteTx } from '../../connections/postgres/database.ts'

const select = (tenantId: string) =>
  sql('tenant_features').select('feature', 'enabled', 'config', 'updated_at as updatedAt').where('tenant_id', tenantId)

export const selectFeatures = async (tx: ReadTx<'registry'>, tenantId: string): Promise<TenantFeature[]> =>
  await tx.rows<TenantFeature>(select(tenantId).orderBy('feature'))

export const selectFeature = async (
  tx: ReadTx<'registry'>,
  tenantId: string,
  feature: string,
): Promise<TenantFeature | undefined> => await tx.row<TenantFeature>(select(tenantId).where('feature', feature))

export interface FeatureChange {
  feature: string
  enabled: boolean
  config?: Record<string, Json> | undefined
}

/** Inserts or updates; without a configuration the present one stays. */
export async function upsertFeature(tx: WriteTx<'registry'>, tenantId: string, change: FeatureChange): Promise<void> {
  const config = change.config === undefined ? {} : { config: JSON.stringify(change.config) }
  await tx.run(
    sql('tenant_features')
      .insert({ tenant_id: tenantId, feature: change.feature, enabled: change.enabled, ...config })
      .onConflict(['tenant_id', 'feature'])
      .merge({ enabled: change.enabled, ...config, updated_at: sql.raw('now()') }),
  )
}
