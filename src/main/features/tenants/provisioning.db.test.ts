import { fork } from 'node:child_process'
import { join } from 'node:path'
import { verify } from '@node-rs/bcrypt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { fieldErrors } from '#shared/errors.ts'
import { eventually } from '../../testing/eventually.ts'
import { faultOnCreateTable, hangingBackends } from '../../testing/faults.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'

let console: TestConsole
beforeAll(async () => {
  console = await createTestConsole()
})
afterAll(() => console[Symbol.asyncDispose]())

const input = (slug: string) => ({
  environmentId: console.environment.id,
  name: `Tenant ${slug}`,
  slug,
  adminEmail: `admin@${slug}.example`,
  adminFirstName: 'Asha',
  adminLastName: 'Nair',
})

const find = async (slug: string): Promise<TenantListRow | undefined> => {
  const environmentId = console.environment.id
  const page = await console.client.call('tenants.list', { environmentId, search: slug })
  return page.items.find(tenant => tenant.slug === slug)
}

const schemas = async (slug: string): Promise<number> => {
  const found = await console.database.client.query<{ n: number }>(
    `select count(*)::int as n from pg_namespace where nspname like $1`,
    [`tenant\\_${slug.replaceAll('-', '\\_')}\\_%`],
  )
  return found.rows[0]?.n ?? -1
}

const one = async <R>(text: string, values: unknown[] = []): Promise<R> =>
  (await console.database.client.query(text, values)).rows[0] as R

describe('creating a tenant', () => {
  it('builds schema, default data, both ledgers, the administrator and the history', async () => {
    const { tenant } = await console.client.runJob('tenants.create', input('acme-corp'))
    expect(tenant).toMatchObject({ slug: 'acme-corp', status: 'active', adminEmail: 'admin@acme-corp.example' })
    expect(tenant.databaseSchema).toBe(`tenant_acme_corp_${tenant.id.slice(0, 8)}`)
    const row = await find('acme-corp')
    expect(row?.facts).toMatchObject({ schemaVersion: 4, employees: 0, lastActivityAt: null })
    expect(Number(row?.facts.sizeBytes)).toBeGreaterThan(100_000)
    const ledgers = await one<{ own: string; fleet: string }>(
      `select (select string_agg(version || checksum, ',' order by version) from ${tenant.databaseSchema}.schema_migrations) as own,
        (select string_agg(version || checksum, ',' order by version) from tenant_migrations where tenant_id = $1 and state = 'applied') as fleet`,
      [tenant.id],
    )
    expect(ledgers.own).toBe(ledgers.fleet)
    const history = await console.client.call('tenants.history', {
      environmentId: console.environment.id,
      tenantId: tenant.id,
    })
    expect(history.items.map(entry => entry.action)).toEqual(['tenant.activate', 'tenant.create'])
  })

  it('hands out the one-time password once, and stores only its hash', async () => {
    const report = await console.client.runJob('tenants.create', input('password-once'))
    const { value } = await console.client.call('jobs.claimSecret', { ticket: report.passwordTicket })
    const user = await one<{ password_hash: string; role: string }>(
      `select password_hash, role from ${report.tenant.databaseSchema}.users`,
    )
    expect(user.role).toBe('admin')
    expect(await verify(value, user.password_hash)).toBe(true)
    await expect(console.client.call('jobs.claimSecret', { ticket: report.passwordTicket })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('shows its steps while it works', async () => {
    const seen: JobSnapshot[] = []
    await console.createTenant('live-steps', job => seen.push(job))
    expect(seen.some(job => job.steps.some(step => step.state === 'running'))).toBe(true)
    const last = seen.at(-1)
    expect(last?.steps.map(step => step.name)).toEqual([
      'Reserve the name',
      'Hash the one-time password',
      'Create the schema',
      'Apply migrations',
      'Write default data and administrator',
    ])
    expect(last?.steps.every(step => step.state === 'done' && (step.durationMs ?? -1) >= 0)).toBe(true)
  })

  it('refuses a taken slug as CONFLICT with the field named, and changes nothing', async () => {
    await console.createTenant('taken')
    const error = await console.client.runJob('tenants.create', input('taken')).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'CONFLICT' })
    expect(fieldErrors(error)).toEqual({ slug: 'This slug is taken' })
    expect(await schemas('taken')).toBe(1)
  })

  it.each([
    "'; drop schema public cascade; --",
    '"quoted"',
    'line\nbreak',
    'a'.repeat(64),
    'émoji-😀',
    'pg_catalog',
    'UPPER',
    '-leading',
    'trailing-',
    'x',
    '',
    'nul\0byte',
  ])('refuses the slug %j before it reaches SQL', async slug => {
    const error = await console.client
      .call('tenants.create', { ...input('x1'), slug })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'INVALID_INPUT' })
    expect(Object.keys(fieldErrors(error))).toEqual(['slug'])
  })

  it('keeps hostile names as the text they are', async () => {
    const name = `Robert'); drop table tenants; -- "\\ $1 ${'n'.repeat(100)} 😀`
    const { tenant } = await console.client.runJob('tenants.create', { ...input('hostile-name'), name })
    expect(tenant.name).toBe(name)
    expect((await find('hostile-name'))?.name).toBe(name)
  })
})

describe('a provisioning that does not end well', () => {
  it('is shown as failed with its reason, and can be built again', async () => {
    const heal = await faultOnCreateTable(console.database.client, 'payroll', 'fail')
    await expect(console.client.runJob('tenants.create', input('failing'))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    })
    await heal()
    const failed = await find('failing')
    expect(failed?.status).toBe('failed')
    expect(await schemas('failing')).toBe(0)
    const reference = { environmentId: console.environment.id, tenantId: failed?.id as TenantListRow['id'] }
    const history = await console.client.call('tenants.history', reference)
    expect(history.items[0]).toMatchObject({ action: 'tenant.fail', after: { code: 'CONNECTION_FAILED' } })
    const { tenant } = await console.client.runJob('tenants.retry', reference)
    expect(tenant).toMatchObject({ id: failed?.id, status: 'active', slug: 'failing' })
    const admin = await one(`select first_name, last_name from ${tenant.databaseSchema}.users`)
    expect(admin).toEqual({ first_name: 'Asha', last_name: 'Nair' })
  })

  it('can be cleaned up, which gives the slug back', async () => {
    const heal = await faultOnCreateTable(console.database.client, 'leaves', 'fail')
    await expect(console.client.runJob('tenants.create', input('cleaned'))).rejects.toThrow()
    await heal()
    const failed = await find('cleaned')
    const tenantId = failed?.id as TenantListRow['id']
    await console.client.runJob('tenants.cleanUp', { environmentId: console.environment.id, tenantId })
    expect(await find('cleaned')).toBeUndefined()
    await console.createTenant('cleaned')
  })

  it('refuses retry and clean-up of a tenant that is well', async () => {
    const { id: tenantId } = await console.createTenant('healthy')
    const reference = { environmentId: console.environment.id, tenantId }
    await expect(console.client.runJob('tenants.retry', reference)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(console.client.runJob('tenants.cleanUp', reference)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await find('healthy'))?.status).toBe('active')
  })

  it('leaves nothing when it is cancelled', async () => {
    const heal = await faultOnCreateTable(console.database.client, 'payroll', 'hang')
    const abort = new AbortController()
    const job = console.client.runJob('tenants.create', input('cancelled'), { signal: abort.signal })
    await eventually(async () => ((await hangingBackends(console.database.client)).length > 0 ? true : undefined))
    expect((await find('cancelled'))?.status).toBe('provisioning')
    abort.abort()
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' })
    await heal()
    expect(await hangingBackends(console.database.client)).toEqual([])
    expect(await find('cancelled')).toBeUndefined()
    expect(await schemas('cancelled')).toBe(0)
  })

  it('is shown as failed when its connection is cut, and the console goes on', async () => {
    const heal = await faultOnCreateTable(console.database.client, 'payroll', 'hang')
    const job = console.client.runJob('tenants.create', input('cut-off')).catch((reason: unknown) => reason)
    const [pid] = await eventually(async () => {
      const pids = await hangingBackends(console.database.client)
      return pids.length > 0 ? pids : undefined
    })
    await console.database.client.query('select pg_terminate_backend($1)', [pid])
    expect(await job).toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
    await heal()
    const failed = await find('cut-off')
    expect(failed?.status).toBe('failed')
    const tenantId = failed?.id as TenantListRow['id']
    const report = await console.client.runJob('tenants.retry', { environmentId: console.environment.id, tenantId })
    expect(report.tenant.status).toBe('active')
  })

  it('is shown as failed when the process that built it was killed', async () => {
    const heal = await faultOnCreateTable(console.database.client, 'payroll', 'hang')
    const child = fork(join(import.meta.dirname, '..', '..', 'testing', 'provision-child.ts'), {
      env: {
        ...process.env,
        TENANTRY_CHILD: JSON.stringify({ ...console.database.settings, password: console.database.password }),
      },
      stdio: 'inherit',
    })
    const [pid] = await eventually(async () => {
      const pids = await hangingBackends(console.database.client)
      return pids.length > 0 ? pids : undefined
    }, 20_000)
    expect((await find('killed'))?.status).toBe('provisioning')
    const exited = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
    // A sleeping backend notices the lost client only when it is woken; a server that was doing DDL notices at its next answer.
    await console.database.client.query('select pg_cancel_backend($1)', [pid])
    await eventually(async () => ((await find('killed'))?.status === 'failed' ? true : undefined))
    await heal()
    expect(await schemas('killed')).toBe(0)
    const tenantId = (await find('killed'))?.id as TenantListRow['id']
    const reference = { environmentId: console.environment.id, tenantId }
    expect((await console.client.runJob('tenants.retry', reference)).tenant.status).toBe('active')
  })

  it('cannot be built twice at the same time', async () => {
    const heal = await faultOnCreateTable(console.database.client, 'payroll', 'hang')
    const abort = new AbortController()
    const job = console.client.runJob('tenants.create', input('two-at-once'), { signal: abort.signal })
    await eventually(async () => ((await hangingBackends(console.database.client)).length > 0 ? true : undefined))
    const tenantId = (await find('two-at-once'))?.id as TenantListRow['id']
    const reference = { environmentId: console.environment.id, tenantId }
    await expect(console.client.runJob('tenants.cleanUp', reference)).rejects.toMatchObject({
      code: 'CONFLICT',
      retryable: true,
    })
    abort.abort()
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' })
    await heal()
  })
})
