import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { InputOf } from '#shared/contract/index.ts'
import type { TenantListRow, TenantRow } from '#shared/contract/tenant.model.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'
import { LATEST_REGISTRY_TABLE } from '../migrations/migration.repository.ts'

let console: TestConsole
let backups: string
beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
  console = await createTestConsole({ stores: { backup: { kind: 'folder', path: backups } } })
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
  await rm(backups, { recursive: true, force: true })
})

type Filter = Omit<InputOf<'tenants.list'>, 'environmentId'>
const list = (filter: Filter = {}) =>
  console.client.call('tenants.list', { environmentId: console.environment.id, ...filter })
const reference = (tenant: TenantRow) => ({ environmentId: console.environment.id, tenantId: tenant.id })

async function pages(filter: Filter): Promise<TenantListRow[]> {
  const rows: TenantListRow[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof list>> = await list({ ...filter, ...(cursor === null ? {} : { cursor }) })
    rows.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return rows
}

async function countQueries<T>(work: () => Promise<T>): Promise<{ queries: number; result: T }> {
  const spy = vi.spyOn(pg.Client.prototype, 'query')
  try {
    const result = await work()
    return { queries: spy.mock.calls.length, result }
  } finally {
    spy.mockRestore()
  }
}

describe('listing tenants', () => {
  beforeAll(async () => {
    for (let index = 0; index < 23; index += 1) await console.createTenant(`list-${String(index).padStart(2, '0')}`)
  })

  it('asks the same number of queries for any number of tenants', async () => {
    await list({ limit: 50 })
    const few = await countQueries(() => list({ search: 'list-0', limit: 2 }))
    const many = await countQueries(() => list({ search: 'list-', limit: 50 }))
    expect(few.result.items).toHaveLength(2)
    expect(many.result.items).toHaveLength(23)
    expect(many.queries).toBe(few.queries)
  })

  it.each(['name', 'slug', 'createdAt', 'updatedAt'] as const)(
    'pages by %s without losing or repeating a row',
    async sort => {
      for (const direction of ['asc', 'desc'] as const) {
        const rows = await pages({ search: 'list-', sort, direction, limit: 5 })
        expect(rows).toHaveLength(23)
        expect(new Set(rows.map(row => row.id)).size).toBe(23)
        const values = rows.map(row => row[sort])
        expect(values).toEqual(
          [...values].sort((a, b) => (direction === 'asc' ? 1 : -1) * (a < b ? -1 : a > b ? 1 : 0)),
        )
      }
    },
  )

  it('takes % and _ in a search as themselves', async () => {
    expect((await list({ search: 'list%' })).total).toBe(0)
    expect((await list({ search: 'list_0' })).total).toBe(0)
    expect((await list({ search: 'LIST-0' })).total).toBe(10)
  })

  it('filters by status and counts what matches on all pages', async () => {
    const [first] = (await list({ search: 'list-00' })).items
    await console.client.call('tenants.suspend', { ...reference(first as TenantRow), reason: 'Unpaid invoices' })
    const suspended = await list({ status: ['suspended'] })
    expect(suspended.items.map(row => row.slug)).toEqual(['list-00'])
    expect((await list({ search: 'list-', status: ['active'], limit: 1 })).total).toBe(22)
  })

  it('refuses a cursor of another list', async () => {
    await expect(list({ cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('answers without the facts of a tenant whose tables are locked, and says why', async () => {
    const [row] = (await list({ search: 'list-01' })).items
    await console.database.client.query(`begin; lock table ${row?.databaseSchema}.employees in access exclusive mode`)
    const page = await list({ search: 'list-0', limit: 2 })
    await console.database.client.query('rollback')
    expect(page.items.map(item => item.facts.employees)).toEqual([0, null])
    expect(page.items[1]?.facts).toMatchObject({ sizeBytes: null, schemaVersion: 4 })
    expect(page.factsProblem).toContain('lock')
  })

  it('sees the size of what was written since the last analysis', async () => {
    const sizeNow = async () => Number((await list({ search: 'list-05' })).items[0]?.facts.sizeBytes)
    const [row] = (await list({ search: 'list-05' })).items
    const before = await sizeNow()
    await console.database.client.query(
      `insert into ${row?.databaseSchema}.audit_logs (action, entity_type)
         select repeat('x', 1000), 'test' from generate_series(1, 2000)`,
    )
    await console.database.client.query('select pg_stat_force_next_flush()')
    expect((await sizeNow()) - before).toBeGreaterThan(2_000_000)
    await console.database.client.query(`vacuum (analyze) ${row?.databaseSchema}.audit_logs`)
    expect((await sizeNow()) - before).toBeGreaterThan(2_000_000)
  })

  it('shows a tenant whose schema is gone', async () => {
    const { databaseSchema } = await console.createTenant('schema-gone')
    await console.database.client.query(`drop schema ${databaseSchema} cascade`)
    expect((await list({ search: 'schema-gone' })).items[0]?.facts).toMatchObject({ employees: null, sizeBytes: null })
  })

  it('says that the registry is missing where there is none, and sets it up', async () => {
    await using bare = await createTestConsole({ withoutRegistry: true })
    const environmentId = bare.environment.id
    const missing = bare.client.call('tenants.list', { environmentId })
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'registry-missing' } })
    expect((await bare.client.call('migrations.status', { environmentId })).isRegistryReady).toBe(false)
    await bare.client.call('migrations.migrateRegistry', { environmentId })
    expect((await bare.client.call('tenants.list', { environmentId })).total).toBe(0)
    expect((await bare.client.call('migrations.migrateRegistry', { environmentId })).applied).toEqual([])
  })
})

describe('a registry of an older console', () => {
  it('is named as such, and brought up to date with its tenants as they are', async () => {
    await using old = await createTestConsole()
    const tenant = await old.createTenant('kept')
    const down = await readFile(
      join(import.meta.dirname, '../../../../migrations/registry/0002_backups.down.sql'),
      'utf8',
    )
    await old.database.client.query(`${down}; delete from registry_migrations where version > 1`)
    const environmentId = old.environment.id
    const behind = old.client.call('tenants.list', { environmentId })
    await expect(behind).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'registry-behind' } })
    await old.client.call('migrations.migrateRegistry', { environmentId })
    expect((await old.client.call('tenants.list', { environmentId })).items[0]).toMatchObject({ id: tenant.id })
  })

  it('is told from the table that the latest registry migration makes', async () => {
    const folder = join(import.meta.dirname, '../../../../migrations/registry')
    const latest =
      (await readdir(folder))
        .filter(file => file.endsWith('.up.sql'))
        .sort()
        .at(-1) ?? ''
    expect(await readFile(join(folder, latest), 'utf8')).toContain(`create table ${LATEST_REGISTRY_TABLE} (`)
  })
})

describe('changing a tenant', () => {
  it('merges settings, removes those set to null, and keeps the difference in the history', async () => {
    const tenant = await console.createTenant('settings')
    const change = { ...reference(tenant), settings: { country: 'IN', theme: { colour: 'blue' } } }
    await console.client.call('tenants.update', change)
    const after = await console.client.call('tenants.update', {
      ...reference(tenant),
      name: 'Renamed',
      settings: { currency: 'INR', theme: null },
    })
    expect(after).toMatchObject({ name: 'Renamed', settings: { country: 'IN', currency: 'INR' } })
    expect(after.settings).not.toHaveProperty('theme')
    const [entry] = (await console.client.call('tenants.history', { ...reference(tenant), limit: 1 })).items
    expect(entry).toMatchObject({
      action: 'tenant.update',
      who: 'asha',
      before: { name: 'Tenant settings' },
      after: { name: 'Renamed' },
    })
  })

  it('suspends with a reason, reactivates, archives, and refuses what the status does not allow', async () => {
    const tenant = await console.createTenant('statuses')
    const call = console.client.call.bind(console.client)
    const suspended = await call('tenants.suspend', { ...reference(tenant), reason: 'Unpaid invoices' })
    expect(suspended).toMatchObject({ status: 'suspended', suspensionReason: 'Unpaid invoices' })
    expect(suspended.suspendedAt).toMatch(/Z$/)
    const again = call('tenants.suspend', { ...reference(tenant), reason: 'Once more' })
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await call('tenants.reactivate', reference(tenant))).toMatchObject({ status: 'active', suspendedAt: null })
    expect(await call('tenants.archive', { ...reference(tenant), reason: 'Left us' })).toMatchObject({
      status: 'archived',
    })
  })

  it('sets, lists and reads feature flags, and keeps the configuration when none is given', async () => {
    const tenant = await console.createTenant('flags')
    await console.client.call('features.set', {
      ...reference(tenant),
      feature: 'sso',
      enabled: true,
      config: { idp: 'okta' },
    })
    await console.client.call('features.set', { ...reference(tenant), feature: 'sso', enabled: false })
    expect(await console.client.call('features.get', { ...reference(tenant), feature: 'sso' })).toMatchObject({
      enabled: false,
      config: { idp: 'okta' },
    })
    expect(await console.client.call('features.list', reference(tenant))).toHaveLength(1)
    const missing = console.client.call('features.get', { ...reference(tenant), feature: 'none' })
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is refused to support, and the refusal is audited', async () => {
    const tenant = await console.createTenant('guarded')
    const support = console.connect('support')
    const refused = support.call('tenants.suspend', { ...reference(tenant), reason: 'Because I can' })
    await expect(refused).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    const log = await console.client.call('audit.list', { limit: 5 })
    expect(log.items[0]).toMatchObject({ operation: 'tenants.suspend', outcome: 'PERMISSION_DENIED' })
    expect((await list({ search: 'guarded' })).items[0]?.status).toBe('active')
  })
})

describe('deleting a tenant for good', () => {
  it('demands the typed slug', async () => {
    const tenant = await console.createTenant('keep-me')
    const request = { ...reference(tenant), withoutBackup: true }
    await expect(console.client.call('tenants.delete', request)).rejects.toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
    })
    const wrong = console.client.call('tenants.delete', { ...request, confirmation: { typed: 'keep_me' } })
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED', details: { expected: 'keep-me' } })
    expect((await list({ search: 'keep-me' })).total).toBe(1)
  })

  it('demands a recent backup or the explicit word to go on without', async () => {
    const tenant = await console.createTenant('no-backup')
    const request = { ...reference(tenant), confirmation: { typed: 'no-backup' } }
    const plan = await console.client.call('tenants.deletionPlan', reference(tenant))
    expect(plan).toMatchObject({ latestBackupAt: null, backupIsRecent: false, backupProblem: null, employees: 0 })
    expect(plan.tables).toBeGreaterThan(15)
    await expect(console.client.runJob('tenants.delete', request)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'no-recent-backup' },
    })
    const report = await console.client.runJob('tenants.delete', { ...request, withoutBackup: true })
    expect(report).toMatchObject({ slug: 'no-backup', schemaDropped: true, tables: plan.tables })
    expect((await list({ search: 'no-backup' })).total).toBe(0)
    const left = await console.database.client.query('select 1 from pg_namespace where nspname = $1', [
      tenant.databaseSchema,
    ])
    expect(left.rowCount).toBe(0)
    const note = await console.database.client.query(
      'select action from tenant_audit where tenant_id = $1 order by "when"',
      [tenant.id],
    )
    expect(note.rows.at(-1)).toEqual({ action: 'tenant.delete' })
  })

  it('accepts a finished backup of the last day as recent, and none that is older or unfinished', async () => {
    const tenant = await console.createTenant('backed-up')
    const folder = join(backups, 'backups', 'schemas', tenant.databaseSchema)
    const put = async (at: Date, name: string) => {
      const stamp = at.toISOString().slice(0, 19).replaceAll(':', '-')
      await mkdir(join(folder, `backup_schema_${stamp}`), { recursive: true })
      await writeFile(join(folder, `backup_schema_${stamp}`, name), '{}')
    }
    await put(new Date(Date.now() - 30 * 3_600_000), 'manifest.json')
    await put(new Date(), 'schema.sql')
    expect((await console.client.call('tenants.deletionPlan', reference(tenant))).backupIsRecent).toBe(false)
    await put(new Date(Date.now() - 3_600_000), 'manifest.json')
    expect((await console.client.call('tenants.deletionPlan', reference(tenant))).backupIsRecent).toBe(true)
    await console.client.runJob('tenants.delete', { ...reference(tenant), confirmation: { typed: 'backed-up' } })
    expect((await list({ search: 'backed-up' })).total).toBe(0)
  })

  it('asks for a reason in production, also to suspend', async () => {
    await using production = await createTestConsole({ class: 'production' })
    const tenant = await production.createTenant('precious')
    const target = { environmentId: production.environment.id, tenantId: tenant.id }
    const bare = production.client.call('tenants.suspend', { ...target, reason: 'Unpaid invoices' })
    await expect(bare).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
    const typed = production.client.call('tenants.delete', { ...target, confirmation: { typed: 'precious' } })
    await expect(typed).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED', details: { needsReason: true } })
    const confirmation = { typed: 'precious', reason: 'Contract ended' }
    await production.client.call('tenants.suspend', { ...target, reason: 'Unpaid invoices', confirmation })
  })

  it('leaves the other tenants as they are', async () => {
    const [victim, neighbour] = [await console.createTenant('victim'), await console.createTenant('neighbour')]
    const fingerprint = async () =>
      (
        await console.database.client.query(
          `select md5(string_agg(t::text, '|')) as hash from ${neighbour.databaseSchema}.users t`,
        )
      ).rows[0]
    const before = await fingerprint()
    const confirmation = { typed: 'victim' }
    await console.client.runJob('tenants.delete', { ...reference(victim), confirmation, withoutBackup: true })
    expect(await fingerprint()).toEqual(before)
    expect((await list({ search: 'neighbour' })).items[0]?.facts.schemaVersion).toBe(4)
  })
})
