import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { createTestConsole, type TestConsole } from '../../../testing/test-console.ts'

/** Planted in the source; none of it may be in a masked copy. */
const PERSONAL = [
  'asha.private@example.com',
  'Ashalatha',
  'Venkataraman',
  '+919812345678',
  'ABCPV1234K',
  '998877665544',
]

let console: TestConsole
let backups: string
let source: TenantRow
let archive: string
beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
  console = await createTestConsole({ stores: { backup: { kind: 'folder', path: backups } }, passwordCost: 4 })
  source = await console.createTenant('source')
  await query(`with person as (
      insert into ${source.databaseSchema}.users (email, password_hash, first_name, last_name, role)
      values ('${PERSONAL[0]}', 'a hash', '${PERSONAL[1]}', '${PERSONAL[2]}', 'user') returning id)
    insert into ${source.databaseSchema}.audit_logs (user_id, action, entity_type, entity_id, changes)
    select id, 'update', 'user', id, '{"phone": "${PERSONAL[3]}", "pan": "${PERSONAL[4]}", "aadhaar": "${PERSONAL[5]}"}' from person`)
  const ref = { environmentId: console.environment.id, tenantId: source.id }
  archive = (await console.client.runJob('backups.create', ref)).archive
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
  await rm(backups, { recursive: true, force: true })
})

const query = (text: string) => console.database.client.query(text)
const clone = (slug: string, mask: boolean, adminEmail = 'admin@copy.example') =>
  console.client.runJob('backups.clone', {
    environmentId: console.environment.id,
    archive,
    slug,
    name: `Copy ${slug}`,
    adminEmail,
    mask,
  })

/** Every row of a schema as one text. */
async function contentOf(schema: string): Promise<string> {
  const tables = await query(`select quote_ident(tablename) as name from pg_tables where schemaname = '${schema}'`)
  const texts: string[] = []
  for (const { name } of tables.rows) {
    const found = await query(`select coalesce(string_agg(t::text, '|'), '') as text from ${schema}.${name} t`)
    texts.push(String(found.rows[0].text))
  }
  return texts.join('\n')
}

it('an archive becomes a new tenant with all its rows, and the source stays as it is', async () => {
  const before = await contentOf(source.databaseSchema)
  const report = await clone('plain-copy', false)
  expect(report).toMatchObject({ masked: false, tenant: { status: 'active' }, verification: { outcome: 'passed' } })
  const copied = await contentOf(report.tenant.databaseSchema)
  for (const value of PERSONAL) expect(copied).toContain(value)
  expect(await contentOf(source.databaseSchema)).toBe(before)
})

it('a masked copy holds as many rows and nothing of a person', async () => {
  const report = await clone('masked-copy', true)
  expect(report).toMatchObject({ masked: true, tenant: { status: 'active' }, verification: { outcome: 'passed' } })
  const copied = await contentOf(report.tenant.databaseSchema)
  for (const value of PERSONAL) expect(copied).not.toContain(value)
  expect(copied).toContain('@masked.invalid')
  const counts = await query(`select (select count(*) from ${source.databaseSchema}.users)::int as source,
    (select count(*) from ${report.tenant.databaseSchema}.users)::int as copy`)
  expect(counts.rows).toEqual([{ source: 2, copy: 2 }])
})

it('a taken slug is refused, and nothing is left of the attempt', async () => {
  const schemas = 'select nspname from pg_namespace order by 1'
  const before = (await query(schemas)).rows
  await expect(clone('source', false)).rejects.toMatchObject({ code: 'CONFLICT' })
  expect((await query(schemas)).rows).toEqual(before)
})
