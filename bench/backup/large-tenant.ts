import type { RestoreSetup } from '../../src/main/features/backups/restore/testing.ts'
import type { TenantRow } from '../../src/shared/contract/tenant.model.ts'
import { note } from '../lib/figure.ts'

/** 3 M rows are about 600 MB of COPY text. */
export const LARGE_ROWS = 3_000_000

/** A tenant whose audit log has grown large; its indexes are built once, after the rows. */
export async function createLargeTenant(setup: RestoreSetup, rows: number = LARGE_ROWS): Promise<TenantRow> {
  const { console, sql } = setup.backup
  const tenant = await console.createTenant('large')
  note(`seeding ${rows} audit rows`)
  const table = `"${tenant.databaseSchema}".audit_logs`
  const indexes = await sql(
    `select indexname as name, indexdef as text from pg_indexes where schemaname = $1 and tablename = 'audit_logs' and indexname not like '%pkey'`,
    [tenant.databaseSchema],
  )
  for (const { name } of indexes) await sql(`drop index "${tenant.databaseSchema}"."${name}"`)
  await sql(
    `insert into ${table} (user_id, action, entity_type, entity_id, changes, created_at)
     select (select id from "${tenant.databaseSchema}".users limit 1), (array['employee.update', 'leave.approve', 'payroll.process', 'user.login'])[1 + n % 4],
       (array['employee', 'leave', 'payroll', 'user'])[1 + n % 4], gen_random_uuid(),
       jsonb_build_object('field', 'status', 'before', md5(n::text), 'n', n), timestamptz '2024-01-01' + n * interval '7 seconds'
     from generate_series(1, $1::int) n`,
    [rows],
  )
  for (const { text } of indexes) await sql(String(text))
  await sql(`vacuum analyze ${table}`)
  return tenant
}

/** What makes somebody restore: rows were deleted and changed since the archive, and new ones came. */
export async function damageTenant(setup: RestoreSetup, tenant: TenantRow): Promise<void> {
  const table = `"${tenant.databaseSchema}".audit_logs`
  const { sql } = setup.backup
  await sql(`delete from ${table} where created_at < timestamptz '2024-01-01' + interval '1 hour'`)
  await sql(`update ${table} set action = 'tampered' where created_at < timestamptz '2024-01-01' + interval '2 hours'`)
  await sql(`insert into ${table} (action, entity_type) select 'new', 'employee' from generate_series(1, 5000)`)
}
