import { cutPage, decodeCursor, type Page } from '../../../connections/postgres/cursor.ts'
import { type ReadTx, sql, type WriteTx } from '../../../connections/postgres/database.ts'
import { EFFECTIVE_STATUS } from '../../tenants/tenant-lock.ts'
import type { Manifest } from '../archive/manifest.ts'
import { isSchemaHeld } from '../restore/restore-lock.ts'

/** A daily backup may leave a day and the time it takes. */
export const OVERDUE_MS = 26 * 3_600_000

export interface OverviewQuery {
  search?: string | undefined
  limit: number
  cursor?: string | undefined
}

export interface OverviewRow {
  tenantId: string
  name: string
  slug: string
  status: string
  latestAt: string | null
  archive: string | null
  storedBytes: string | null
  rows: string | null
  isOverdue: boolean
}

/** `%` and `_` typed by a person mean themselves. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/**
 * Tenants with their latest archive, found by one step into the index for each. `place` sorts: never backed up, overdue, the rest.
 * One that is not whole has nothing to lose, and the fleet's backup leaves it out.
 */
const OVERVIEW = `with known as (
    select t.id, t.name, t.slug, ${EFFECTIVE_STATUS} as status, b.archive_key, b.snapshot_at, b.stored_bytes, b.rows
    from tenants t
    left join lateral (
      select archive_key, snapshot_at, stored_bytes, rows from tenant_backups
      where tenant_id = t.id order by snapshot_at desc, archive_key limit 1
    ) b on true
    where t.deleted_at is null and ($1::text is null or t.name ilike $1 or t.slug ilike $1)
  ), placed as (
    select *, coalesce(snapshot_at, '-infinity') as sorted_at, case
        when status in ('provisioning', 'failed') then 2
        when snapshot_at is null then 0
        when snapshot_at < $2::timestamptz then 1
        else 2
      end as place
    from known
  )`

const overviewValues = (search: string | undefined, now: Date): unknown[] => [
  search === undefined || search === '' ? null : containing(search),
  new Date(now.getTime() - OVERDUE_MS).toISOString(),
]

/** Sorted by what `now` says to be overdue; later pages keep the time of the first. */
export async function listOverview(
  tx: ReadTx<'registry'>,
  query: OverviewQuery,
  now: Date,
): Promise<Page<OverviewRow>> {
  const [firstNow, place, at, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, 4)
  const asOf = typeof firstNow === 'string' && !Number.isNaN(Date.parse(firstNow)) ? new Date(firstNow) : now
  const rows = await tx.rows<OverviewRow & { place: number; sortedAt: string }>({
    text: `${OVERVIEW}
      select id as "tenantId", name, slug, status, snapshot_at as "latestAt", archive_key as archive,
        stored_bytes::text as "storedBytes", rows::text as rows, place < 2 as "isOverdue", place, sorted_at::text as "sortedAt"
      from placed
      where $3::int is null or (place, sorted_at, id) > ($3, $4::timestamptz, $5::uuid)
      order by place, sorted_at, id limit $6`,
    values: [...overviewValues(query.search, asOf), place ?? null, at ?? null, id ?? null, query.limit + 1],
  })
  const page = cutPage(rows, query.limit, row => [asOf.toISOString(), String(row.place), row.sortedAt, row.tenantId])
  return { items: page.items.map(({ place: _place, sortedAt: _at, ...row }) => row), nextCursor: page.nextCursor }
}

export async function countOverview(
  tx: ReadTx<'registry'>,
  search: string | undefined,
  now: Date,
): Promise<{ total: number; overdue: number }> {
  const found = await tx.row<{ total: number; overdue: number }>({
    text: `${OVERVIEW} select count(*)::int as total, (count(*) filter (where place < 2))::int as overdue from placed`,
    values: overviewValues(search, now),
  })
  return found ?? { total: 0, overdue: 0 }
}

export interface KnownArchive {
  archive: string
  hash: string
}

/** What the registry holds of a tenant's archives, by key; both ends may be left open. */
export async function knownArchives(
  tx: ReadTx<'registry'>,
  tenantId: string,
  range: { from?: string | undefined; to?: string | undefined } = {},
): Promise<KnownArchive[]> {
  return await tx.rows<KnownArchive>({
    text: `select archive_key as archive, archive_hash as hash from tenant_backups
      where tenant_id = $1 and ($2::text is null or archive_key collate "C" >= $2)
        and ($3::text is null or archive_key collate "C" <= $3)`,
    values: [tenantId, range.from ?? null, range.to ?? null],
  })
}

/** Writes what a manifest says, over what was there. */
export async function putKnownArchive(tx: WriteTx<'registry'>, archive: string, manifest: Manifest): Promise<void> {
  const { tenant, schema } = manifest
  await tx.run(
    sql('tenant_backups')
      .insert({
        archive_key: archive,
        tenant_id: tenant.id,
        slug: tenant.slug,
        database_schema: tenant.databaseSchema,
        archive_hash: manifest.hash,
        snapshot_at: manifest.snapshotAt,
        rows: manifest.rows,
        bytes: manifest.bytes,
        stored_bytes: manifest.storedBytes,
        schema_version: schema.version,
      })
      .onConflict('archive_key')
      .merge(),
  )
}

export interface ForgottenArchive {
  archive: string
  tenantId: string
  slug: string
}

export async function forgetArchives(
  tx: WriteTx<'registry'>,
  archives: readonly string[],
): Promise<ForgottenArchive[]> {
  if (archives.length === 0) return []
  return await tx.rows<ForgottenArchive>({
    text: `delete from tenant_backups where archive_key = any ($1)
      returning archive_key as archive, tenant_id as "tenantId", slug`,
    values: [archives],
  })
}

/** Archives that a restore which is not over still needs: for its comparison, and for the check after its swap. */
export async function archivesInUse(tx: ReadTx<'registry'>): Promise<Set<string>> {
  const found = await tx.rows<{ archive: string }>({
    text: `select distinct archive_key as archive from tenant_restores
      where state in ('ready', 'swapping') or (state = 'preparing' and ${isSchemaHeld('side_schema')})`,
  })
  return new Set(found.map(row => row.archive))
}

/** Schemas whose archives this registry knows, also of tenants that are gone. */
export async function schemasOnceBackedUp(tx: ReadTx<'registry'>): Promise<string[]> {
  const found = await tx.rows<{ schema: string }>({
    text: 'select distinct database_schema as schema from tenant_backups',
  })
  return found.map(row => row.schema)
}
