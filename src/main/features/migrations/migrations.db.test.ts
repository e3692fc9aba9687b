import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'

let console: TestConsole
beforeAll(async () => {
  console = await createTestConsole({ withoutRegistry: true })
})
afterAll(() => console[Symbol.asyncDispose]())

const fleet = () => ({ environmentId: console.environment.id })
const status = () => console.client.call('migrations.status', fleet())
const migrate = () => console.client.call('migrations.migrateRegistry', fleet())

describe('a database without a registry', () => {
  it('is shown with everything pending, and nothing is created by looking', async () => {
    const before = await status()
    expect(before.isRegistryReady).toBe(false)
    expect(before.registry.map(entry => entry.state)).toEqual(['pending', 'pending'])
    expect(before.latestTenantVersion).toBe(4)
    const tables = await console.database.client.query(`select 1 from pg_tables where schemaname = 'public'`)
    expect(tables.rowCount).toBe(0)
  })

  it('is set up once by two consoles that start at the same moment', async () => {
    const answers = await Promise.all([migrate(), migrate(), migrate()])
    expect(answers.map(answer => answer.applied.length).sort()).toEqual([0, 0, 2])
    expect((await status()).isRegistryReady).toBe(true)
  })

  it('keeps citext out of the registry’s schema', async () => {
    const found = await console.database.client.query(
      `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'citext'`,
    )
    expect(found.rows).toEqual([{ schema: 'extensions' }])
  })

  it('leaves citext where the database has it already', async () => {
    await using other = await createTestConsole({ withoutRegistry: true })
    await other.database.client.query('create schema tools; create extension citext schema tools')
    await other.client.call('migrations.migrateRegistry', { environmentId: other.environment.id })
    const tenant = await other.createTenant('elsewhere')
    const admin = await other.database.client.query(
      `select 1 from ${tenant.databaseSchema}.users where email operator(tools.=) 'ADMIN@elsewhere.example'::tools.citext`,
    )
    expect(admin.rowCount).toBe(1)
  })
})

describe('a registry that is not what this console knows', () => {
  beforeEach(async () => {
    await migrate()
  })

  it('is refused when it is newer, and says so', async () => {
    await console.database.client.query(
      `insert into registry_migrations (version, name, checksum, duration_ms) values (99, 'from_the_future', repeat('0', 64), 1)`,
    )
    expect((await status()).registry.at(-1)).toMatchObject({ version: 99, state: 'unknown' })
    expect((await status()).isRegistryReady).toBe(false)
    await expect(migrate()).rejects.toMatchObject({ code: 'UNSUPPORTED', hint: expect.stringContaining('Update') })
    await console.database.client.query('delete from registry_migrations where version = 99')
  })

  it('is refused when an applied migration had another text', async () => {
    await console.database.client.query(`update registry_migrations set checksum = repeat('a', 64) where version = 1`)
    expect((await status()).registry[0]?.state).toBe('changed')
    await expect(migrate()).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

describe('setting up a registry', () => {
  it('changes nothing when tables of these names are there already', async () => {
    await using other = await createTestConsole({ withoutRegistry: true })
    await other.database.client.query('create table tenants (mine text); insert into tenants values ($$keep$$)')
    const failure = other.client.call('migrations.migrateRegistry', { environmentId: other.environment.id })
    await expect(failure).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.any(String) })
    expect((await other.database.client.query('select mine from tenants')).rows).toEqual([{ mine: 'keep' }])
    expect((await other.database.client.query(`select 1 from pg_tables where schemaname = 'public'`)).rowCount).toBe(1)
  })

  it('is for dbas only', async () => {
    const support = console.connect('support')
    await expect(support.call('migrations.migrateRegistry', fleet())).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    })
  })

  it('counts tenants by version', async () => {
    await using other = await createTestConsole()
    await other.createTenant('counted')
    const found = await other.client.call('migrations.status', { environmentId: other.environment.id })
    expect(found.tenantsByVersion).toEqual([{ version: 4, tenants: 1 }])
  })
})
