import type { Json } from '#shared/json.ts'
import type { ReadTx, WriteTx } from '../../connections/postgres/database.ts'
import { quoteIdentifier } from '../../connections/postgres/identifier.ts'
import { FLEET_LOCK_CLASS } from '../../connections/postgres/locks.ts'
import type { Connection } from '../../connections/postgres/pool.ts'
import { EFFECTIVE_STATUS } from '../tenants/tenant-lock.ts'
import type { Candidate } from './fleet-run.model.ts'
import type { FleetMigration } from './migration-files.ts'

/** Tenants that lack one of the migrations as far as the registry knows: one query, whatever the size of the fleet. */
export async function listCandidates(
  tx: ReadTx<'registry'>,
  set: readonly FleetMigration[],
  only: readonly string[] | undefined,
): Promise<Candidate[]> {
  return await tx.rows<Candidate>({
    text: `select t.id, t.slug, t.database_schema as schema, ${EFFECTIVE_STATUS} as status
      from tenants t left join (
        select tenant_id, count(*) as applied from tenant_migrations
        where state = 'applied' and version = any ($1::int[]) group by tenant_id
      ) m on m.tenant_id = t.id
      where t.deleted_at is null and coalesce(m.applied, 0) < $2 and ($3::uuid[] is null or t.id = any ($3))
      order by t.slug`,
    values: [set.map(one => one.version), set.length, only ?? null],
  })
}

/** The ids of the smallest, by the pages that the last vacuum or analysis counted. */
export async function smallestTenants(
  tx: ReadTx<'registry'>,
  candidates: readonly Candidate[],
  count: number,
): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>({
    text: `select w.id::text from unnest($1::uuid[], $2::text[]) as w (id, schema)
      left join pg_namespace n on n.nspname = w.schema
      left join (select relnamespace, sum(relpages) as pages from pg_class group by 1) c on c.relnamespace = n.oid
      order by coalesce(c.pages, 0), w.id limit $3`,
    values: [candidates.map(one => one.id), candidates.map(one => one.schema), count],
  })
  return rows.map(row => row.id)
}

/** Connections that the server would still give to this user; the reserved ones are left alone. */
export async function freeConnections(tx: ReadTx<'registry'>): Promise<number> {
  const found = await tx.row<{ free: number }>({
    text: `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as free`,
  })
  return found?.free ?? 0
}

/** True when this session now holds the lock on migrating this environment's fleet. */
export async function takeFleetLock(connection: Connection, schema: string): Promise<boolean> {
  const taken = await connection.query<{ ok: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as ok', [
    FLEET_LOCK_CLASS,
    schema,
  ])
  return taken.rows[0]?.ok === true
}

export const releaseFleetLock = async (connection: Connection, schema: string): Promise<void> => {
  await connection.query('select pg_advisory_unlock($1, hashtext($2))', [FLEET_LOCK_CLASS, schema])
}

/** The name under which the holder of the fleet's lock is connected; null when nobody holds it. */
export async function fleetLockHolder(connection: Connection, schema: string): Promise<string | null> {
  const found = await connection.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = $1::int8::oid
        and l.objid = (hashtext($2)::bit(32)::int8)::oid and a.datname = current_database()`,
    [FLEET_LOCK_CLASS, schema],
  )
  return found.rows[0]?.name ?? null
}

export interface OwnEntry {
  version: number
  checksum: string
}

export interface TenantState {
  status: string
  /** Empty where the tenant may not be migrated: it may have no schema then. */
  ledger: OwnEntry[]
}

/** Statuses in which a tenant's schema is as it should be and nobody is about to replace it. */
const MIGRATABLE = ['active', 'suspended']
export const isMigratable = (status: string): boolean => MIGRATABLE.includes(status)

/** The tenant's present status and its own ledger, which is the truth; null when the tenant is gone. */
export async function readTenantState(tx: WriteTx<'registry'>, candidate: Candidate): Promise<TenantState | null> {
  const found = await tx.row<{ status: string; schema: string }>({
    text: 'select status, database_schema as schema from tenants where id = $1 and deleted_at is null',
    values: [candidate.id],
  })
  if (found === undefined || found.schema !== candidate.schema) return null
  if (!isMigratable(found.status)) return { status: found.status, ledger: [] }
  const ledger = await tx.rows<OwnEntry>({
    text: `select version, checksum from ${quoteIdentifier(candidate.schema)}.schema_migrations`,
  })
  return { status: found.status, ledger }
}

interface Mark {
  tenantId: string
  migration: FleetMigration
  state: 'running' | 'failed'
  who: string
  error?: Json
}

/** Says in the registry that a migration runs or failed; an applied one stays applied. */
export const mark = async (
  tx: WriteTx<'registry'>,
  { tenantId, migration, state, who, error }: Mark,
): Promise<void> => {
  await tx.run({
    text: `insert into tenant_migrations as m (tenant_id, version, name, checksum, state, applied_by, error)
      select id, $2, $3, $4, $5, $6, $7::jsonb from tenants where id = $1
      on conflict (tenant_id, version) do update
        set name = excluded.name, checksum = excluded.checksum, state = excluded.state, applied_at = null,
            applied_by = excluded.applied_by, duration_ms = null, error = excluded.error
        where m.state <> 'applied'`,
    values: [
      tenantId,
      migration.version,
      migration.name,
      migration.checksum,
      state,
      who,
      error === undefined ? null : JSON.stringify(error),
    ],
  })
}

/** Whether an earlier run began this migration on the tenant and did not end it. */
export const wasInterrupted = async (tx: ReadTx<'registry'>, tenantId: string, version: number): Promise<boolean> => {
  const found = await tx.row({
    text: `select 1 from tenant_migrations where tenant_id = $1 and version = $2 and state in ('running', 'failed')`,
    values: [tenantId, version],
  })
  return found !== undefined
}

/** Whether an index of this name is there, and whole: an interrupted concurrent build leaves an invalid one. */
export async function indexState(
  connection: Connection,
  schema: string,
  index: string,
): Promise<'valid' | 'invalid' | 'none'> {
  const found = await connection.query<{ valid: boolean }>(
    `select i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [schema, index],
  )
  const row = found.rows[0]
  if (row === undefined) return 'none'
  return row.valid ? 'valid' : 'invalid'
}

/** Versions that at least one tenant lacks as far as the registry knows. */
export async function pendingVersions(
  tx: ReadTx<'registry'>,
  set: readonly FleetMigration[],
  only: readonly string[] | undefined,
): Promise<number[]> {
  const rows = await tx.rows<{ version: number }>({
    text: `with wanted as (
        select id from tenants t
        where deleted_at is null and status not in ('provisioning', 'failed') and ($2::uuid[] is null or id = any ($2))
      )
      select f.version from unnest($1::int[]) as f (version)
      left join (
        select version, count(*) as applied from tenant_migrations m join wanted on wanted.id = m.tenant_id
        where state = 'applied' group by version
      ) m on m.version = f.version
      where coalesce(m.applied, 0) < (select count(*) from wanted)`,
    values: [set.map(one => one.version), only ?? null],
  })
  return rows.map(row => row.version)
}
