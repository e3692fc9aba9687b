import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { openReadDb } from '../../../connections/postgres/database.ts'
import { KeptService } from './kept.service.ts'
import { restoreNames } from './names.ts'
import { PlanService } from './plan.service.ts'
import { type RestoreSetup, restoreSetup } from './testing.ts'

let setup: RestoreSetup
let tenant: TenantRow
let count = 0
const kept = new KeptService()
beforeAll(async () => {
  setup = await restoreSetup()
})
afterAll(() => setup[Symbol.asyncDispose]())
beforeEach(async () => {
  count += 1
  tenant = await setup.backup.console.createTenant(`tenant-${count}`)
})

const sql = (text: string) => setup.backup.sql(text)
const { signal } = new AbortController()

/** A restore that was swapped: what was live before is kept. */
async function swapped(until: string): Promise<{ id: string; schema: string }> {
  const restore = await setup.prepare(tenant, await setup.archive(tenant))
  const schema = restoreNames(tenant.databaseSchema, restore.id, new Date()).before
  await sql(`alter schema "${restore.sideSchema}" rename to "${schema}"`)
  await sql(`update tenant_restores set state = 'done', side_schema = null, kept_schema = '${schema}', kept_until = ${until}, finished_at = now()
    where id = '${restore.id}'`)
  return { id: restore.id, schema }
}

it('lists what is kept, what expired and what was left over, with sizes', async () => {
  const young = await swapped(`now() + interval '7 days'`)
  const old = await swapped(`now() - interval '1 minute'`)
  const ready = await setup.prepare(tenant, await setup.archive(tenant))
  const orphan = restoreNames('tenant_gone_00000000', ready.id, new Date()).side
  await sql(`create schema "${orphan}"; create table "${orphan}".t as select generate_series(1, 1000)`)
  const list = new Map((await kept.list(setup.backup.registry())).map(one => [one.schema, one]))
  expect(list.get(young.schema)).toMatchObject({
    kind: 'before',
    isExpired: false,
    isInUse: false,
    restoreId: young.id,
    slug: tenant.slug,
  })
  expect(list.get(old.schema)).toMatchObject({ kind: 'before', isExpired: true, isInUse: false })
  expect(list.get(ready.sideSchema ?? '')).toMatchObject({ kind: 'side', isInUse: true, isExpired: false })
  expect(list.get(orphan)).toMatchObject({
    kind: 'side',
    restoreId: null,
    tenantId: null,
    isInUse: false,
    sizeBytes: expect.not.stringMatching(/^0$/),
  })
  expect(list.has(tenant.databaseSchema)).toBe(false)

  expect(await kept.remove(setup.work())).toEqual({ removed: [old.schema], failed: [] })
  const report = await kept.remove(setup.work(), [
    young.schema,
    orphan,
    ready.sideSchema ?? '',
    tenant.databaseSchema,
    'public',
  ])
  expect(report.removed).toEqual([young.schema, orphan])
  expect(report.failed.map(one => one.schema)).toEqual([ready.sideSchema, tenant.databaseSchema, 'public'])
  expect(await setup.leftSchemas()).toEqual([ready.sideSchema])
  const history = await sql(
    `select before->>'schema' as schema from tenant_audit where action = 'restore.removeKept' and tenant_id = '${tenant.id}' order by "when"`,
  )
  expect(history.map(row => row.schema)).toEqual([old.schema, young.schema])
  await setup.prepares.discard(setup.work(), tenant, ready.id)
})

it('never takes a live schema for a kept one, whatever it is called', async () => {
  const { before } = restoreNames('tenant_x', '0a1b2c3d-0000-4000-8000-000000000000', new Date())
  await sql(
    `alter schema ${tenant.databaseSchema} rename to "${before}"; update tenants set database_schema = '${before}' where id = '${tenant.id}'`,
  )
  expect((await kept.list(setup.backup.registry())).map(one => one.schema)).not.toContain(before)
  expect((await kept.remove(setup.work(), [before])).removed).toEqual([])
  expect(await sql(`select 1 from pg_namespace where nspname = '${before}'`)).toHaveLength(1)
})

it('plans a restore: what would be lost, what comes back, who is there', async () => {
  const prefix = await setup.archive(tenant)
  await sql(
    `insert into ${tenant.databaseSchema}.roles (name) values ('newcomer'); create table ${tenant.databaseSchema}.extra (a int)`,
  )
  const plans = new PlanService({ migrations: setup.migrations, verified: async () => null })
  const client = setup.backup.console.database.client
  await client.query(`begin; lock table ${tenant.databaseSchema}.users in row share mode`)
  const db = openReadDb({
    pool: async () => setup.backup.pool,
    space: 'tenant' as const,
    schema: tenant.databaseSchema,
    signal,
  })
  const { environment } = setup.backup.console
  const plan = await plans.plan({
    registry: setup.backup.registry(),
    db,
    environment,
    tenant,
    archive: { store: setup.backup.store, prefix },
    signal,
  })
  await client.query('rollback')
  expect(plan).toMatchObject({
    slug: tenant.slug,
    environmentClass: 'development',
    archive: prefix,
    isLiveRowsExact: true,
    archiveVersion: setup.migrations.length,
    liveVersion: setup.migrations.length,
    versionNote: null,
    archiveDrift: null,
    freeBytes: null,
    otherRestores: [],
  })
  expect(Number(plan.liveRows)).toBe(Number(plan.archiveRows) + 1)
  expect(plan.liveDrift).toContain('extra')
  const roles = plan.tables.find(table => table.table === 'roles')
  expect(roles).toMatchObject({ archiveRows: '3', liveRows: '4', newerRows: '1' })
  expect(plan.tables.find(table => table.table === 'extra')).toMatchObject({
    archiveRows: null,
    liveRows: '0',
    newerRows: null,
  })
  expect(plan.sessions).toContainEqual(expect.objectContaining({ holdsLocks: true, state: 'idle in transaction' }))
})
