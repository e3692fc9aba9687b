import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../../scripts/services/fault.ts'
import { type SmallDiskServer, startPostgresOnSmallDisk } from '../../../../scripts/services/small-disk.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'
import { postgresUrl } from '../../testing/test-database.ts'

const input = (console: TestConsole, slug: string) => ({
  environmentId: console.environment.id,
  name: slug,
  slug,
  adminEmail: 'admin@faults.example',
})

const find = async (console: TestConsole, slug: string) => {
  const page = await console.client.call('tenants.list', { environmentId: console.environment.id, search: slug })
  return page.items.find(tenant => tenant.slug === slug)
}

const schemaCount = async (console: TestConsole, slug: string): Promise<number> => {
  const found = await console.database.client.query(`select 1 from pg_namespace where starts_with(nspname, $1)`, [
    `tenant_${slug.replaceAll('-', '_')}_`,
  ])
  return found.rowCount ?? -1
}

describe('when the network fails', () => {
  let proxy: FaultProxy
  let console: TestConsole
  beforeAll(async () => {
    const server = new URL(postgresUrl())
    proxy = await startFaultProxy({ host: server.hostname, port: Number(server.port) })
    console = await createTestConsole({ through: { host: '127.0.0.1', port: proxy.port } })
  })
  afterEach(() => proxy.resume())
  afterAll(async () => {
    await console[Symbol.asyncDispose]()
    proxy.close()
  })

  it('says so with a hint, goes on, and connects again when the server is back', async () => {
    proxy.refuse()
    proxy.cut()
    const away = console.client.call('tenants.list', { environmentId: console.environment.id })
    await expect(away).rejects.toMatchObject({ code: 'CONNECTION_FAILED', hint: expect.any(String), retryable: true })
    await proxy.resume()
    const back = await console.client.call('tenants.list', { environmentId: console.environment.id })
    expect(back.total).toBe(0)
  })

  // One cut for every kind of statement that building a tenant sends, in the order in which they are sent.
  it.each([
    ['reservation', 'insert into "tenants"', 'gone'],
    ['schema', 'create schema "tenant_', 'failed'],
    ['first migration', 'create table schema_migrations', 'failed'],
    ['last migration', 'create table audit_logs', 'failed'],
    ['ledgers', 'insert into tenant_migrations', 'failed'],
    ['default data', 'insert into role_permissions', 'failed'],
    ['activation', 'tenant.activate', 'failed'],
  ])('cut before the %s leaves no half tenant', async (name, statement, expected) => {
    const slug = `cut-${name.replaceAll(' ', '-')}`
    proxy.cutBefore(statement)
    const failure = console.client.runJob('tenants.create', input(console, slug))
    await expect(failure).rejects.toMatchObject({ code: 'CONNECTION_FAILED', hint: expect.any(String) })
    await proxy.resume()
    expect(await schemaCount(console, slug)).toBe(0)
    const row = await find(console, slug)
    if (expected === 'gone') {
      expect(row).toBeUndefined()
      return
    }
    expect(row?.status).toBe('failed')
    const reference = { environmentId: console.environment.id, tenantId: row?.id ?? '' } as never
    const { tenant } = await console.client.runJob('tenants.retry', reference)
    expect(tenant.status).toBe('active')
    expect(await schemaCount(console, slug)).toBe(1)
  })

  it('cut between the last COMMIT and its answer finds the tenant built, and still hands out the password', async () => {
    const report = await console.client.runJob('tenants.create', input(console, 'lost-answer'), {
      onChange: job => {
        if (job.steps.some(step => step.name.startsWith('Write default data') && step.state === 'running'))
          proxy.cutAnswer('COMMIT')
      },
    })
    expect(report.tenant.status).toBe('active')
    const { value } = await console.client.call('jobs.claimSecret', { ticket: report.passwordTicket })
    expect(value).toHaveLength(24)
    await proxy.resume()
    expect((await find(console, 'lost-answer'))?.status).toBe('active')
  })
})

describe('when the disk of the server is full', () => {
  let server: SmallDiskServer
  let console: TestConsole
  beforeAll(async () => {
    server = await startPostgresOnSmallDisk({ megabytes: 96 })
    console = await createTestConsole({ url: server.url })
  })
  afterAll(async () => {
    await console?.[Symbol.asyncDispose]()
    await server?.stop()
  })

  it('says so, leaves no half tenant, and builds it when there is space again', async () => {
    await server.fill(256 * 1024)
    const failure = await console.client
      .runJob('tenants.create', input(console, 'no-space'))
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { sqlState: '53100' },
      hint: expect.any(String),
    })
    await server.free()
    expect(await schemaCount(console, 'no-space')).toBe(0)
    const row = await find(console, 'no-space')
    expect(row === undefined || row.status === 'failed').toBe(true)
    if (row === undefined) await console.client.runJob('tenants.create', input(console, 'no-space'))
    else await console.client.runJob('tenants.retry', { environmentId: console.environment.id, tenantId: row.id })
    expect((await find(console, 'no-space'))?.status).toBe('active')
  })
})
