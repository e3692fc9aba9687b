import type { ReadTx, WriteTx } from '../../connections/postgres/database.ts'
import { quoteIdentifier } from '../../connections/postgres/identifier.ts'
import { LOCK_CLASS } from '../../connections/postgres/locks.ts'

export interface LedgerTenant {
  id: string
  slug: string
  schema: string
}

/** Tenants that have a schema, in the order of their slugs. */
export const listLedgerTenants = async (tx: ReadTx<'registry'>): Promise<LedgerTenant[]> =>
  await tx.rows({
    text: `select id, slug, database_schema as schema from tenants
      where deleted_at is null and status not in ('provisioning', 'failed') order by slug`,
  })

/**
 * Takes the locks of tenants until the transaction ends, without waiting; the ids of those that nobody builds, migrates, swaps or
 * removes meanwhile. The key is the one of `withTenantLock`.
 */
export async function lockIdleTenants(tx: WriteTx<'registry'>, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.rows<{ id: string }>({
    text: `select id::text from unnest($2::uuid[]) as w (id)
      where pg_try_advisory_xact_lock($1, ('x' || left(id::text, 8))::bit(32)::int4)`,
    values: [LOCK_CLASS, ids],
  })
  return new Set(rows.map(row => row.id))
}

/** Those of the schemas that hold a ledger. */
export async function schemasWithLedger(tx: ReadTx<'registry'>, schemas: readonly string[]): Promise<Set<string>> {
  const rows = await tx.rows<{ schema: string }>({
    text: `select n.nspname as schema from pg_namespace n join pg_class c on c.relnamespace = n.oid
      where n.nspname = any ($1) and c.relname = 'schema_migrations' and c.relkind in ('r', 'p')`,
    values: [schemas],
  })
  return new Set(rows.map(row => row.schema))
}

export interface Repaired {
  added: number
  changed: number
  removed: number
}

/** Makes the registry's entries equal to the tenants' own, in one statement for all of them. A failed entry without an own one stays. */
export async function repairEntries(tx: WriteTx<'registry'>, tenants: readonly LedgerTenant[]): Promise<Repaired> {
  const own = tenants.map(
    ({ schema }, index) =>
      `select ($1::uuid[])[${index + 1}] as tenant_id, version, name, checksum, applied_at, applied_by, duration_ms
       from ${quoteIdentifier(schema)}.schema_migrations`,
  )
  const found = await tx.row<Repaired>({
    text: `with own as materialized (${own.join(' union all ')}), removed as (
        delete from tenant_migrations m
        where m.tenant_id = any ($1::uuid[]) and m.state in ('applied', 'drifted', 'unknown')
          and not exists (select 1 from own o where o.tenant_id = m.tenant_id and o.version = m.version)
        returning 1
      ), put as (
        insert into tenant_migrations as m (tenant_id, version, name, checksum, state, applied_at, applied_by, duration_ms)
        select tenant_id, version, name, checksum, 'applied', applied_at, applied_by, duration_ms from own o
        where not exists (
          select 1 from tenant_migrations k where k.tenant_id = o.tenant_id and k.version = o.version and k.state = 'applied'
            and (k.name, k.checksum, k.applied_at) is not distinct from (o.name, o.checksum, o.applied_at)
        )
        on conflict (tenant_id, version) do update
          set name = excluded.name, checksum = excluded.checksum, state = 'applied', applied_at = excluded.applied_at,
              applied_by = excluded.applied_by, duration_ms = excluded.duration_ms, error = null
        returning m.xmax = 0 as is_new
      )
      select (select count(*) from put where is_new)::int as added, (select count(*) from put where not is_new)::int as changed,
             (select count(*) from removed)::int as removed`,
    values: [tenants.map(tenant => tenant.id)],
  })
  return found ?? { added: 0, changed: 0, removed: 0 }
}

/** What the registry says of tenants without a ledger is no longer known; entries changed. */
export const markUnknown = async (tx: WriteTx<'registry'>, ids: readonly string[]): Promise<number> =>
  await tx.run({
    text: `update tenant_migrations set state = 'unknown' where tenant_id = any ($1::uuid[]) and state in ('applied', 'drifted')`,
    values: [ids],
  })
