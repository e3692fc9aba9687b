import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'

let console: TestConsole
const tenants = new Map<string, TenantRow>()
beforeAll(async () => {
  console = await createTestConsole({ passwordCost: 4 })
  for (const slug of ['alpha', 'beta', 'delta', 'gamma']) tenants.set(slug, await console.createTenant(slug))
})
afterAll(() => console[Symbol.asyncDispose]())

const fleet = () => ({ environmentId: console.environment.id })
const board = () => console.client.call('migrations.board', fleet())
const list = (input: object = {}) => console.client.call('migrations.tenants', { ...fleet(), ...input })
const reconcile = () => console.client.runJob('migrations.reconcile', fleet())
const tenant = (slug: string): TenantRow => {
  const found = tenants.get(slug)
  if (found === undefined) throw new Error(`${slug} was not created`)
  return found
}
const query = (text: string, ...values: unknown[]) => console.database.client.query(text, values)
const ledger = (slug: string, change: string) =>
  query(`update tenant_migrations set ${change} where tenant_id = $1 and version = 4`, tenant(slug).id)

describe('the fleet board', () => {
  it('shows a fleet that is up to date as one group', async () => {
    const found = await board()
    expect(found).toMatchObject({ tenants: 4, unbuilt: 0, groups: [{ version: 4, state: 'applied', tenants: 4 }] })
    expect(found.migrations.map(one => one.states)).toEqual(Array(4).fill([{ state: 'applied', tenants: 4 }]))
  })

  it('tells pending, failed, drifted, ahead, unknown and dead running ones apart', async () => {
    await query('delete from tenant_migrations where tenant_id = $1 and version = 4', tenant('alpha').id)
    await ledger('beta', `state = 'failed', error = '{"message": "no space"}'`)
    await ledger('delta', `checksum = repeat('a', 64)`)
    await query(
      `insert into tenant_migrations (tenant_id, version, name, checksum, state) values ($1, 99, 'later', repeat('b', 64), 'applied')`,
      tenant('gamma').id,
    )
    const { groups, migrations } = await board()
    expect(groups).toEqual([
      { version: 4, state: 'ahead', tenants: 1 },
      { version: 3, state: 'pending', tenants: 1 },
      { version: 3, state: 'drifted', tenants: 1 },
      { version: 3, state: 'failed', tenants: 1 },
    ])
    expect(migrations.at(-1)).toMatchObject({ version: 99, name: null, states: [{ state: 'ahead', tenants: 1 }] })
    expect(migrations[3]?.states).toContainEqual({ state: 'pending', tenants: 1 })
    await ledger('beta', `state = 'running'`)
    expect((await list({ search: 'beta' })).items[0]?.state).toBe('failed')
    await query(`select pg_advisory_lock(1413828161, ('x' || left($1::text, 8))::bit(32)::int4)`, tenant('beta').id)
    expect((await list({ search: 'beta' })).items[0]?.state).toBe('running')
    await query('select pg_advisory_unlock_all()')
  })

  it('is searched and paged by key', async () => {
    const first = await list({ limit: 3 })
    expect(first.items.map(one => one.slug)).toEqual(['alpha', 'beta', 'delta'])
    const second = await list({ limit: 3, cursor: first.nextCursor ?? '' })
    expect(second.items.map(one => one.slug)).toEqual(['gamma'])
    expect(second.nextCursor).toBeNull()
    expect((await list({ states: ['drifted', 'ahead'] })).items.map(one => one.slug)).toEqual(['delta', 'gamma'])
    expect((await list({ version: 3, states: ['pending'] })).items).toMatchObject([{ slug: 'alpha', pending: 1 }])
    expect((await list({ search: '%' })).items).toEqual([])
    expect((await list({ search: 'beta' })).items[0]?.problem).toMatchObject({
      version: 4,
      error: { message: 'no space' },
    })
  })

  it('shows one tenant’s own history', async () => {
    const input = { ...fleet(), tenantId: tenant('alpha').id }
    const { items } = await console.client.call('migrations.history', input)
    expect(items.map(one => one.state)).toEqual(['applied', 'applied', 'applied', 'pending'])
    expect(items[0]).toMatchObject({ appliedBy: 'asha', durationMs: expect.any(Number), error: null })
  })
})

describe('reconciling', () => {
  it('repairs the registry’s copy from the tenants’ own ledgers', async () => {
    await ledger('beta', `state = 'failed'`)
    expect(await reconcile()).toEqual({ tenants: 4, added: 1, changed: 2, removed: 1, skipped: [] })
    expect((await board()).groups).toEqual([{ version: 4, state: 'applied', tenants: 4 }])
    expect(await reconcile()).toEqual({ tenants: 4, added: 0, changed: 0, removed: 0, skipped: [] })
  })

  it('names tenants whose ledger is gone or cannot be read, and repairs the others', async () => {
    await query(`alter table ${tenant('alpha').databaseSchema}.schema_migrations rename to elsewhere`)
    await query(`alter table ${tenant('beta').databaseSchema}.schema_migrations rename column checksum to other`)
    await query('delete from tenant_migrations where tenant_id = $1', tenant('gamma').id)
    const report = await reconcile()
    expect(report).toMatchObject({ added: 4, changed: 4 })
    expect(report.skipped.map(one => one.slug).sort()).toEqual(['alpha', 'beta'])
    expect((await list({ states: ['unknown'] })).items.map(one => one.slug)).toEqual(['alpha'])
    await query(`alter table ${tenant('alpha').databaseSchema}.elsewhere rename to schema_migrations`)
    await query(`alter table ${tenant('beta').databaseSchema}.schema_migrations rename column other to checksum`)
    expect(await reconcile()).toMatchObject({ changed: 4, skipped: [] })
  })

  it('leaves a tenant alone that somebody works on, and waits for no lock for long', async () => {
    await query(`select pg_advisory_lock(1413828161, ('x' || left($1::text, 8))::bit(32)::int4)`, tenant('delta').id)
    await query(`begin; lock table ${tenant('gamma').databaseSchema}.schema_migrations`)
    const { skipped } = await reconcile()
    await query('rollback; select pg_advisory_unlock_all()')
    expect(skipped.map(one => one.slug).sort()).toEqual(['delta', 'gamma'])
  })

  it('is refused to support', async () => {
    const support = console.connect('support')
    await expect(support.runJob('migrations.reconcile', fleet())).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })
})

describe('a tenant that was not built', () => {
  it('is unknown, and counted apart', async () => {
    await query(
      `insert into tenants (name, slug, database_schema, admin_email, status) values ('N', 'not-built', 'nowhere', 'a@b.example', 'failed')`,
    )
    expect(await board()).toMatchObject({ tenants: 5, unbuilt: 1 })
    expect((await list({ search: 'not-built' })).items).toMatchObject([{ state: 'unknown', pending: 0 }])
    expect((await reconcile()).tenants).toBe(4)
  })
})
