import { type ReadTx, sql, type WriteTx } from '../../connections/postgres/database.ts'
import { quoteIdentifier } from '../../connections/postgres/identifier.ts'
import { LOCK_CLASS } from '../../connections/postgres/locks.ts'
import { DEFAULT_EXTENSION_SCHEMA } from '../../connections/postgres/pool.ts'
import type { Migration } from './migration-files.ts'

export interface LedgerEntry {
  version: number
  name: string
  checksum: string
  appliedAt: string
}

/** One migration that has just run. `durationMs` is whole milliseconds. */
export interface Applied {
  migration: Pick<Migration, 'version' | 'name' | 'checksum'>
  durationMs: number
}

export interface LedgerTarget {
  tenantId: string
  schema: string
  who: string
}

/** The second lock key of the registry; tenants use theirs from their ids. */
const REGISTRY_LOCK = 0

export const hasRegistry = async (tx: ReadTx<'registry'>): Promise<boolean> => {
  const found = await tx.row<{ ready: boolean }>({
    text: `select to_regclass($1) is not null as ready`,
    values: [`${quoteIdentifier(tx.schema)}.registry_migrations`],
  })
  return found?.ready ?? false
}

/** Made by the latest registry migration: with it, everything that this console reads is there. */
export const LATEST_REGISTRY_TABLE = 'backup_schedules'

export const isRegistryBehind = async (tx: ReadTx<'registry'>): Promise<boolean> => {
  const found = await tx.row<{ behind: boolean }>({
    text: `select to_regclass($1) is null as behind`,
    values: [`${quoteIdentifier(tx.schema)}.${LATEST_REGISTRY_TABLE}`],
  })
  return found?.behind ?? true
}

export const readRegistryLedger = async (tx: ReadTx<'registry'>): Promise<LedgerEntry[]> =>
  await tx.rows<LedgerEntry>({
    text: `select version, name, checksum, applied_at as "appliedAt" from registry_migrations order by version`,
  })

/** Waits until no other console migrates this registry; the lock ends with the transaction. */
export const lockRegistry = async (tx: WriteTx<'registry'>): Promise<void> => {
  await tx.rows({ text: 'select pg_advisory_xact_lock($1, $2)', values: [LOCK_CLASS, REGISTRY_LOCK] })
}

/** The registry's schema and citext; the extension is left where it is when the database has it already. */
export const prepareDatabase = async (tx: WriteTx<'registry'>): Promise<void> => {
  await tx.script(`create schema if not exists ${quoteIdentifier(tx.schema)}`)
  const citext = await tx.row({ text: `select 1 from pg_extension where extname = 'citext'` })
  if (citext !== undefined) return
  const schema = quoteIdentifier(DEFAULT_EXTENSION_SCHEMA)
  await tx.script(`create schema if not exists ${schema}; create extension citext schema ${schema}`)
}

export const recordRegistry = async (tx: WriteTx<'registry'>, { migration, durationMs }: Applied): Promise<void> => {
  const { version, name, checksum } = migration
  await tx.run(sql('registry_migrations').insert({ version, name, checksum, duration_ms: durationMs }))
}

/** Both ledgers in one round trip: the tenant's own, and the registry's copy of it. */
export async function recordTenant(
  tx: WriteTx<'registry'>,
  target: LedgerTarget,
  applied: readonly Applied[],
): Promise<void> {
  const schema = quoteIdentifier(target.schema)
  await tx.run({
    text: `with done as (
        select * from unnest($1::int[], $2::text[], $3::text[], $4::int[]) as d (version, name, checksum, duration_ms)
      ), own as (
        insert into ${schema}.schema_migrations (version, name, checksum, duration_ms, applied_by)
        select version, name, checksum, duration_ms, $6 from done
      )
      insert into tenant_migrations (tenant_id, version, name, checksum, state, applied_at, applied_by, duration_ms)
      select $5::uuid, version, name, checksum, 'applied', now(), $6, duration_ms from done
      on conflict (tenant_id, version) do update
        set name = excluded.name, checksum = excluded.checksum, state = 'applied', applied_at = excluded.applied_at,
            applied_by = excluded.applied_by, duration_ms = excluded.duration_ms, error = null`,
    values: [
      applied.map(one => one.migration.version),
      applied.map(one => one.migration.name),
      applied.map(one => one.migration.checksum),
      applied.map(one => one.durationMs),
      target.tenantId,
      target.who,
    ],
  })
}

/** Makes the registry's copy of a tenant's ledger equal to the one in its schema. */
export async function copyTenantLedger(
  tx: WriteTx<'registry'>,
  target: { tenantId: string; schema: string },
): Promise<void> {
  const { tenantId, schema } = target
  await tx.run(sql('tenant_migrations').where('tenant_id', tenantId).delete())
  const name = `${quoteIdentifier(schema)}.schema_migrations`
  const ledger = await tx.row({ text: 'select 1 where to_regclass($1) is not null', values: [name] })
  if (ledger === undefined) return
  await tx.run({
    text: `insert into tenant_migrations (tenant_id, version, name, checksum, state, applied_at, applied_by, duration_ms)
      select $1::uuid, version, name, checksum, 'applied', applied_at, applied_by, duration_ms
      from ${name}`,
    values: [tenantId],
  })
}

/** How many tenants stand at each version; 0 for those without any applied migration. */
export const tenantsByVersion = async (tx: ReadTx<'registry'>): Promise<{ version: number; tenants: number }[]> =>
  await tx.rows({
    text: `select coalesce(m.version, 0) as version, count(*)::int as tenants
      from tenants t
      left join (select tenant_id, max(version) as version from tenant_migrations where state = 'applied' group by 1) m
        on m.tenant_id = t.id
      group by 1 order by 1 desc`,
  })
