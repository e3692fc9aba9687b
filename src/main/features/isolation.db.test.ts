import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  'migrations.history': {},
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

/** What operations on archives and restores answer is the input of others: these run in their order. */
const BACKUP_STEPS: readonly (readonly [string, (seen: Seen) => object])[] = [
  ['backups.create', () => ({})],
  ['backups.list', () => ({})],
  ['backups.get', ({ archive }) => ({ archive })],
  ['backups.rows', ({ archive }) => ({ archive, table: 'users' })],
  ['backups.verify', ({ archive }) => ({ archive, depth: 'restore' })],
  ['backups.compare', ({ archive }) => ({ archive })],
  ['backups.differences', ({ comparisonId }) => ({ comparisonId, table: 'users', kind: 'changed' })],
  ['backups.plan', ({ archive }) => ({ archive })],
  ['backups.prepare', ({ archive }) => ({ archive })],
  ['backups.restores', () => ({})],
  ['backups.restoreState', ({ restoreId }) => ({ restoreId })],
  ['backups.sideDifferences', ({ restoreId }) => ({ restoreId, table: 'users', kind: 'onlyRight' })],
  ['backups.rowsPlan', ({ restoreId }) => ({ restoreId, tables: ROWS })],
  ['backups.restoreRows', ({ restoreId, token }) => ({ restoreId, tables: ROWS, token, ...CONFIRMED })],
  ['backups.recompare', ({ restoreId }) => ({ restoreId })],
  ['backups.restore', ({ restoreId, token }) => ({ restoreId, token, ...CONFIRMED })],
  ['backups.undoPlan', ({ restoreId }) => ({ restoreId })],
  ['backups.undo', ({ restoreId, token }) => ({ restoreId, token, ...CONFIRMED })],
  ['backups.prepare', ({ archive }) => ({ archive })],
  ['backups.discard', ({ restoreId }) => ({ restoreId })],
  ['backups.decide', ({ restoreId, token }) => ({ restoreId, token, accept: true })],
  ['backups.create', () => ({})],
  ['backups.delete', ({ first }) => ({ archive: first, ...CONFIRMED })],
]
const ROWS = [{ table: 'users', mode: 'overwrite' }]
const CONFIRMED = { confirmation: { typed: 'one' } }

interface Seen {
  first?: string
  archive?: string
  comparisonId?: string
  restoreId?: string
  token?: string
}

/** Keeps what later steps need, from an answer or from a job's result. */
function see(seen: Seen, value: unknown): void {
  const answer = Object(value)
  if (typeof answer.archive === 'string' && answer.archive.startsWith('backups/')) {
    seen.archive = answer.archive
    seen.first ??= answer.archive
  }
  if (typeof answer.comparisonId === 'string') seen.comparisonId = answer.comparisonId
  if (typeof answer.token === 'string') seen.token = answer.token
  if (typeof answer.restoreId === 'string') seen.restoreId = answer.restoreId
  if (typeof answer.id === 'string' && 'sideSchema' in answer) seen.restoreId = answer.id
}

let console: TestConsole
let backups: string
let one: TenantRow
let other: TenantRow
beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
  console = await createTestConsole({ stores: { backup: { kind: 'folder', path: backups } } })
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
afterAll(async () => {
  await console[Symbol.asyncDispose]()
  await rm(backups, { recursive: true, force: true })
})

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
  for (const table of ['tenant_features', 'tenant_migrations', 'tenant_audit', 'tenant_backups', 'tenant_restores']) {
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

async function outcome(name: string, input: object, onAnswer: (value: unknown) => void = () => undefined) {
  const answer: unknown = await console.client
    .call(name as OperationName, input as never)
    .catch((error: Error) => error)
  if (answer instanceof Error) return `refused: ${answer.message}`
  if (operations.get(name)?.kind !== 'job') {
    onAnswer(answer)
    return 'done'
  }
  let last: JobSnapshot | undefined
  const { jobId } = JobStarted.parse(answer)
  await console.client.call('jobs.watch', { jobId }, { onEvent: job => (last = job) })
  expect(isJobOver(last?.state ?? 'running')).toBe(true)
  onAnswer(last?.result)
  return last?.error == null ? (last?.state ?? 'lost') : `${last.state}: ${last.error.message}`
}

it('has an input for every tenant operation of the contract', () => {
  const names = [...operations].filter(([, operation]) => operation.scope === 'tenant').map(([name]) => name)
  const steps = BACKUP_STEPS.map(([name]) => name)
  expect([...new Set([...Object.keys(INPUTS), ...steps])].sort()).toEqual(names.sort())
})

it('leaves it untouched while its neighbour is backed up, restored, undone and its archives are deleted', async () => {
  await console.database.client.query('vacuum')
  const before = await fingerprint(other)
  const schemas = `select nspname from pg_namespace where nspname like '%other%' order by 1`
  const names = (await console.database.client.query(schemas)).rows
  const target = { environmentId: console.environment.id, tenantId: one.id }
  const seen: Seen = {}
  const outcomes: string[] = []
  for (const [name, input] of BACKUP_STEPS) {
    const state = await outcome(name, { ...target, ...input(seen) }, value => see(seen, value))
    outcomes.push(`${name} ${state}`)
    expect(await fingerprint(other), name).toEqual(before)
  }
  expect((await console.database.client.query(schemas)).rows).toEqual(names)
  // Nothing waits for a decision: that one is refused.
  const failed = outcomes.filter(line => !/ (done|succeeded)$/.test(line))
  expect(failed).toEqual([expect.stringMatching(/^backups\.decide refused: /)])
}, 60_000)

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
  expect(Object.entries(outcomes).filter(([, state]) => state.startsWith('refused'))).toEqual([
    ['features.get', expect.stringContaining('refused')],
  ])
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
