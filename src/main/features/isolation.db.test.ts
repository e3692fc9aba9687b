import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OperationName, operations } from '#shared/contract/index.ts'
import { isJobOver, type JobSnapshot, JobStarted } from '#shared/contract/jobs.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { faultOnCreateTable } from '../testing/faults.ts'
import { createTestConsole, type TestConsole } from '../testing/test-console.ts'

/**
 * Two tenants whose rows have identical primary keys: whatever is done to one must leave the other as it is, byte for byte. The inputs
 * below must cover every tenant operation of the contract; a new one without an input fails here.
 */
const INPUTS: Readonly<Record<string, object>> = {
  'data.page': { table: 'users' },
  'data.tables': {},
  'features.get': { feature: 'sso' },
  'features.list': {},
  'features.set': { feature: 'sso', enabled: true, config: { idp: 'okta' } },
  'tenants.get': {},
  'tenants.history': {},
  'tenants.update': { name: 'Changed', settings: { country: 'IN' } },
  'tenants.suspend': { reason: 'Unpaid invoices' },
  'tenants.reactivate': {},
  'tenants.archive': { reason: 'Left us' },
  'tenants.deletionPlan': {},
  'tenants.retry': {},
  'tenants.cleanUp': {},
  'tenants.delete': { confirmation: { typed: 'one' }, withoutBackup: true },
}

let console: TestConsole
let one: TenantRow
let other: TenantRow
beforeAll(async () => {
  console = await createTestConsole()
  one = await console.createTenant('one')
  other = await console.createTenant('other')
  const tables = await tablesOf(other)
  const client = console.database.client
  await client.query('begin; set constraints all deferred')
  for (const table of tables) await client.query(`truncate ${other.databaseSchema}.${table} cascade`)
  await client.query(`set local session_replication_role = replica`)
  for (const table of tables) {
    await client.query(`insert into ${other.databaseSchema}.${table} select * from ${one.databaseSchema}.${table}`)
  }
  await client.query('commit')
})
afterAll(() => console[Symbol.asyncDispose]())

async function tablesOf(tenant: TenantRow): Promise<string[]> {
  const found = await console.database.client.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = $1 order by 1`,
    [tenant.databaseSchema],
  )
  return found.rows.map(row => row.name)
}

async function fingerprint(tenant: TenantRow): Promise<Record<string, string>> {
  const sources = (await tablesOf(tenant)).map(table => `${tenant.databaseSchema}.${table}`)
  const registry = [`(select * from tenants where id = '${tenant.id}')`]
  for (const table of ['tenant_features', 'tenant_migrations', 'tenant_audit']) {
    registry.push(`(select * from ${table} where tenant_id = '${tenant.id}')`)
  }
  const hashes: Record<string, string> = {}
  for (const source of [...sources, ...registry]) {
    const found = await console.database.client.query<{ hash: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash from ${source} t`,
    )
    hashes[source] = found.rows[0]?.hash ?? ''
  }
  return hashes
}

async function outcome(name: string, input: object): Promise<string> {
  const answer: unknown = await console.client
    .call(name as OperationName, input as never)
    .catch((error: Error) => error)
  if (answer instanceof Error) return 'refused'
  if (operations.get(name)?.kind !== 'job') return 'done'
  let last: JobSnapshot | undefined
  const { jobId } = JobStarted.parse(answer)
  await console.client.call('jobs.watch', { jobId }, { onEvent: job => (last = job) })
  expect(isJobOver(last?.state ?? 'running')).toBe(true)
  return last?.state ?? 'lost'
}

it('has an input for every tenant operation of the contract', () => {
  const names = [...operations].filter(([, operation]) => operation.scope === 'tenant').map(([name]) => name)
  expect(Object.keys(INPUTS).sort()).toEqual(names.sort())
})

it('leaves a tenant with identical primary keys untouched, whatever is done to the other', async () => {
  const before = await fingerprint(other)
  expect(before[`${other.databaseSchema}.users`]).toBe((await fingerprint(one))[`${one.databaseSchema}.users`])
  const outcomes: Record<string, string> = {}
  for (const [name, input] of Object.entries(INPUTS)) {
    if (name === 'tenants.retry' || name === 'tenants.cleanUp' || name === 'tenants.delete') continue
    const target = { environmentId: console.environment.id, tenantId: one.id }
    outcomes[name] = await outcome(name, { ...target, ...input })
    expect(await fingerprint(other), name).toEqual(before)
  }
  expect(Object.entries(outcomes).filter(([, state]) => state === 'refused')).toEqual([['features.get', 'refused']])
})

it('leaves it untouched while a failed neighbour is built again, cleaned up, and one is deleted', async () => {
  const before = await fingerprint(other)
  const target = (tenant: { id: string }) => ({ environmentId: console.environment.id, tenantId: tenant.id })
  const heal = await faultOnCreateTable(console.database.client, 'payroll', 'fail')
  for (const slug of ['broken-a', 'broken-b']) await console.createTenant(slug).catch(() => undefined)
  await heal()
  const failed = await console.client.call('tenants.list', { environmentId: console.environment.id, search: 'broken' })
  const [a, b] = failed.items
  if (a === undefined || b === undefined) throw new Error('Two failed tenants were expected')
  expect(await outcome('tenants.retry', target(a))).toBe('succeeded')
  expect(await outcome('tenants.cleanUp', target(b))).toBe('succeeded')
  expect(await outcome('tenants.delete', { ...target(one), ...INPUTS['tenants.delete'] })).toBe('succeeded')
  expect(await fingerprint(other)).toEqual(before)
})
