import type { z } from 'zod'
import type { Verification } from '#shared/contract/backup.model.ts'
import type { TenantId } from '#shared/ids.ts'
import { type ReadTx, sql, type WriteTx } from '../../../connections/postgres/database.ts'

type Depth = z.infer<typeof Verification>['depth']

export interface NewVerification {
  tenantId: string
  archive: string
  archiveHash: string
  depth: Depth
  outcome: 'passed' | 'failed'
  startedAt: Date
  durationMs: number
  who: string
  /** A line per finding. */
  problems: readonly string[]
  /** What was measured, kept as evidence beside the problems. */
  evidence?: Readonly<Record<string, string | number>> | undefined
}

const COLUMNS = [
  'v.archive_key as archive',
  'v.depth',
  'v.outcome',
  'v.started_at as at',
  'v.duration_ms as durationMs',
  'v.who',
  sql.raw(`coalesce(v.details -> 'problems', '[]') as problems`),
]

type Row = Verification & { archive: string }

const toVerification = ({ depth, outcome, at, durationMs, who, problems }: Row): Verification => ({
  depth,
  outcome,
  at,
  durationMs,
  who,
  problems,
})

export async function insertVerification(tx: WriteTx<'registry'>, verification: NewVerification): Promise<void> {
  const { problems, evidence = {} } = verification
  await tx.run(
    sql('backup_verifications').insert({
      tenant_id: verification.tenantId,
      archive_key: verification.archive,
      archive_hash: verification.archiveHash,
      depth: verification.depth,
      outcome: verification.outcome,
      started_at: verification.startedAt.toISOString(),
      duration_ms: Math.round(verification.durationMs),
      who: verification.who,
      details: JSON.stringify({ ...evidence, problems }),
    }),
  )
}

/** The latest verification of each of the archives, by archive. */
export async function latestVerifications(
  tx: ReadTx<'registry'>,
  archives: readonly string[],
): Promise<Map<string, Verification>> {
  if (archives.length === 0) return new Map()
  const found = await tx.rows<Row>(
    sql('backup_verifications as v')
      .distinctOn('v.archive_key')
      .select(COLUMNS)
      .whereRaw('v.archive_key = any (?)', [[...archives]])
      .orderBy([{ column: 'v.archive_key' }, { column: 'v.started_at', order: 'desc' }]),
  )
  return new Map(found.map(row => [row.archive, toVerification(row)]))
}

/** The latest first. */
export async function verificationsOf(tx: ReadTx<'registry'>, archive: string, limit: number): Promise<Verification[]> {
  const found = await tx.rows<Row>(
    sql('backup_verifications as v')
      .select(COLUMNS)
      .where('v.archive_key', archive)
      .orderBy('v.started_at', 'desc')
      .limit(limit),
  )
  return found.map(toVerification)
}

/** The latest verification of any archive of each tenant, by tenant. */
export async function latestByTenant(
  tx: ReadTx<'registry'>,
  tenantIds: readonly string[],
): Promise<Map<string, Verification>> {
  const found = await tx.rows<Row & { tenantId: string }>({
    text: `select w.id as "tenantId", v.archive_key as archive, v.depth, v.outcome, v.started_at as at,
        v.duration_ms as "durationMs", v.who, coalesce(v.details -> 'problems', '[]') as problems
      from unnest($1::uuid[]) as w (id)
      cross join lateral (
        select * from backup_verifications where tenant_id = w.id order by started_at desc limit 1
      ) v`,
    values: [tenantIds],
  })
  return new Map(found.map(row => [row.tenantId, toVerification(row)]))
}

/**
 * Archives that a verification found bad, and none as deep has found good since: reading an archive does not heal one that could
 * not be restored. Of one tenant, or of all.
 */
export async function failedArchives(tx: ReadTx<'registry'>, tenantId?: string): Promise<Set<string>> {
  const found = await tx.rows<{ archive: string }>({
    text: `select distinct f.archive_key as archive
      from backup_verifications f
      where f.outcome = 'failed' and ($1::uuid is null or f.tenant_id = $1)
        and not exists (
          select 1 from backup_verifications p
          where p.archive_key = f.archive_key and p.outcome = 'passed' and p.started_at > f.started_at
            and (f.depth = 'hashes' or p.depth <> 'hashes'))`,
    values: [tenantId ?? null],
  })
  return new Set(found.map(row => row.archive))
}

export interface DrillCandidate {
  id: TenantId
  slug: string
  name: string
  databaseSchema: string
  /** The latest archive that the registry knows. */
  archive: string
  archiveHash: string
}

/** Tenants with a backup: those never drilled first, then those whose drill is the longest ago. */
export async function drillCandidates(tx: ReadTx<'registry'>, limit: number): Promise<DrillCandidate[]> {
  return await tx.rows<DrillCandidate>({
    text: `select t.id, t.slug, t.name, t.database_schema as "databaseSchema", b.archive_key as archive,
        b.archive_hash as "archiveHash"
      from tenants t
      cross join lateral (
        select archive_key, archive_hash from tenant_backups
        where tenant_id = t.id order by snapshot_at desc, archive_key limit 1
      ) b
      left join (
        select tenant_id, max(started_at) as at from backup_verifications where depth = 'drill' group by tenant_id
      ) d on d.tenant_id = t.id
      where t.deleted_at is null
      order by d.at nulls first, t.id limit $1`,
    values: [limit],
  })
}

/** What the registry says of an archive's hash. */
export async function knownHash(tx: ReadTx<'registry'>, archive: string): Promise<string | undefined> {
  const found = await tx.row<{ hash: string }>(
    sql('tenant_backups').select('archive_hash as hash').where('archive_key', archive),
  )
  return found?.hash
}
