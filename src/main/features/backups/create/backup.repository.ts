import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { Json } from '#shared/json.ts'
import type { ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import { EFFECTIVE_STATUS } from '../../tenants/tenant-lock.ts'
import type { Manifest } from '../archive/manifest.ts'

export interface WrittenFeature {
  feature: string
  enabled: boolean
  config: Json
}

export const readFeatures = async (tx: ReadTx<'registry'>, tenantId: string): Promise<WrittenFeature[]> =>
  await tx.rows<WrittenFeature>({
    text: 'select feature, enabled, config from tenant_features where tenant_id = $1 order by feature',
    values: [tenantId],
  })

/** The catalogue's copy of an archive that has been written, and the tenant's history, in one round trip. */
export async function recordArchive(
  tx: WriteTx<'registry'>,
  archive: { prefix: string; manifest: Manifest; who: string; drift: string | null },
): Promise<void> {
  const { prefix, manifest, who, drift } = archive
  const { tenant, hash, snapshotAt, rows, bytes, storedBytes, schema } = manifest
  await tx.run({
    text: `with written as (
        insert into tenant_backups
          (archive_key, tenant_id, slug, database_schema, archive_hash, snapshot_at, rows, bytes, stored_bytes, schema_version)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      )
      insert into tenant_audit (who, action, tenant_id, slug, after) values ($11, 'backup.create', $2, $3, $12)`,
    values: [
      prefix,
      tenant.id,
      tenant.slug,
      tenant.databaseSchema,
      hash,
      snapshotAt,
      rows,
      bytes,
      storedBytes,
      schema.version,
      who,
      JSON.stringify({ archive: prefix, hash, rows, bytes, storedBytes, schemaVersion: schema.version, drift }),
    ],
  })
}

export interface FleetFilter {
  /** Only these; all when absent. */
  tenantIds?: readonly string[] | undefined
}

/** Every tenant that the registry knows, deleted ones last, in one query. */
export const fleetTenants = async (tx: ReadTx<'registry'>, { tenantIds }: FleetFilter): Promise<TenantRow[]> =>
  await tx.rows<TenantRow>({
    text: `select t.id, t.name, t.slug, t.database_schema as "databaseSchema", t.admin_email as "adminEmail", t.description,
        t.settings, ${EFFECTIVE_STATUS} as status, t.suspended_at as "suspendedAt", t.suspension_reason as "suspensionReason",
        t.created_at as "createdAt", t.updated_at as "updatedAt", t.deleted_at as "deletedAt"
      from tenants t where $1::uuid[] is null or t.id = any ($1)
      order by t.deleted_at is not null, t.slug`,
    values: [tenantIds === undefined ? null : [...tenantIds]],
  })

export interface FleetRow {
  startedAt: string
  finishedAt: string
  who: string
  manifestKey: string
  tenants: number
  failed: number
}

export async function recordFleet(tx: WriteTx<'registry'>, row: FleetRow): Promise<void> {
  await tx.run({
    text: `insert into fleet_backups (started_at, finished_at, who, manifest_key, tenants, failed) values ($1, $2, $3, $4, $5, $6)`,
    values: [row.startedAt, row.finishedAt, row.who, row.manifestKey, row.tenants, row.failed],
  })
}
