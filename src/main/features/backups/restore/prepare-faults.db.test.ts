import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { eventually } from '../../../testing/eventually.ts'
import { readManifest } from '../create/testing.ts'
import * as repository from './restore.repository.ts'
import { type RestoreSetup, restoreSetup, watchedJob } from './testing.ts'

const STEPS = [
  'Check the archive',
  'Build the side schema',
  'Load',
  'Build indexes and constraints',
  'Verify',
  'Switch constraints and triggers on',
  'Compare with live',
]

let setup: RestoreSetup
let tenant: TenantRow
let prefix: string
let before: Record<string, string>
let count = 0
beforeAll(async () => {
  setup = await restoreSetup()
})
afterAll(() => setup[Symbol.asyncDispose]())
beforeEach(async () => {
  count += 1
  tenant = await setup.backup.console.createTenant(`tenant-${count}`)
  prefix = await setup.archive(tenant)
  before = await setup.stateOf(tenant.databaseSchema)
})

const sql = (text: string) => setup.backup.sql(text)
const restores = () => setup.backup.registry().read(tx => repository.listRestores(tx, tenant.id, 10))

/** Live bit for bit as it was, nothing left beside it. */
async function expectUntouched(): Promise<void> {
  expect(await setup.stateOf(tenant.databaseSchema)).toEqual(before)
  expect(await setup.leftSchemas()).toEqual([])
}

describe('cancelled', () => {
  it.each(STEPS)('at the step "%s" it leaves live as it was and nothing beside it', async step => {
    const abort = new AbortController()
    const job = watchedJob(name => (name === step ? abort.abort() : undefined))
    await expect(setup.prepare(tenant, prefix, { job, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await expectUntouched()
    const states = (await restores()).map(row => row.state)
    expect(states).toEqual(step === 'Check the archive' ? [] : ['cancelled'])
  })

  it('in the middle of loading it stops soon', async () => {
    const abort = new AbortController()
    const job = watchedJob(
      () => undefined,
      () => abort.abort(),
    )
    await expect(setup.prepare(tenant, prefix, { job, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
    await expectUntouched()
  })
})

describe('with its sessions ended by the server', () => {
  it.each(STEPS.slice(1))('at the step "%s" it fails, cleans up and says so', async step => {
    const job = watchedJob(async name => {
      if (name !== step) return
      await sql(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenantry' and datname = current_database()`,
      )
    })
    await expect(setup.prepare(tenant, prefix, { job })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await eventually(async () => ((await setup.leftSchemas()).length === 0 ? true : undefined))
    await expectUntouched()
    expect((await restores())[0]).toMatchObject({ state: 'failed', error: { code: 'CONNECTION_FAILED' } })
  })
})

describe('killed', () => {
  it.each(['Build the side schema', 'progress', 'Verify', 'Compare with live'])(
    'at "%s" its restore shows as failed, names what it left, and can be discarded',
    async at => {
      const child = await stoppedChild(at)
      expect((await restores())[0]?.state).toBe('preparing')
      child.kill('SIGKILL')
      await once(child, 'exit')
      const row = await eventually(async () => (await restores()).find(one => one.state === 'failed'))
      const left = await eventually(async () =>
        (await openTransactions()) === 0 ? await setup.leftSchemas() : undefined,
      )
      expect(repository.toRestore(row)).toMatchObject({ problem: expect.stringContaining('gone') })
      expect(left.filter(schema => schema !== row.sideSchema)).toEqual([])
      expect(left).toHaveLength(at === 'Build the side schema' ? 0 : 1)
      expect(await setup.stateOf(tenant.databaseSchema)).toEqual(before)
      const gone = await setup.prepares.discard(setup.work(), tenant, row.id)
      expect(gone.state).toBe('discarded')
      await expectUntouched()
    },
  )
})

const openTransactions = async () => {
  const found = await sql(`select count(*)::int as open from pg_stat_activity where application_name = 'tenantry'
    and datname = current_database() and state <> 'idle'`)
  return Number(found[0]?.open)
}

async function stoppedChild(at: string): Promise<ChildProcess> {
  const { settings, password } = setup.backup.console.database
  const folder = Reflect.get(setup.backup.store, 'path')
  const given = { settings, password, folder, prefix, tenant, migrations: setup.migrations, at }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'prepare-child.ts')], {
    env: { ...process.env, TENANTRY_CHILD: JSON.stringify(given) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

it('refuses a second restore of the tenant and names who prepares the first', async () => {
  let refused: unknown
  const job = watchedJob(async step => {
    if (step !== 'Load') return
    refused = await setup.prepare(tenant, prefix, { who: 'ravi' }).catch((error: unknown) => error)
  })
  const restore = await setup.prepare(tenant, prefix, { job })
  expect(refused).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('asha has been preparing') })
  await setup.prepares.discard(setup.work(), tenant, restore.id)
  await expectUntouched()
})

it('says that the tenant was deleted meanwhile, and removes what it built', async () => {
  const job = watchedJob(async step => {
    if (step !== 'Compare with live') return
    await sql(`drop schema ${tenant.databaseSchema} cascade; delete from tenants where id = '${tenant.id}'`)
  })
  await expect(setup.prepare(tenant, prefix, { job })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('deleted meanwhile'),
  })
  expect(await setup.leftSchemas()).toEqual([])
})

it('refuses a damaged archive while it is loaded, and leaves nothing', async () => {
  const folder = String(Reflect.get(setup.backup.store, 'path'))
  const table = (await readManifest(setup.backup.store, prefix)).tables.find(one => one.name === 'users')
  const file = await open(join(folder, prefix, table?.object?.name ?? ''), 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 30)
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 30)
  await file.close()
  await expect(setup.prepare(tenant, prefix)).rejects.toMatchObject({
    code: 'CONFLICT',
    details: { reason: 'archive-damaged' },
  })
  await expectUntouched()
  expect((await restores())[0]?.state).toBe('failed')
})

it('names the rule that archived rows break', async () => {
  await sql(`begin; set local session_replication_role = replica; insert into ${tenant.databaseSchema}.role_permissions (role, permission)
    values ('nobody', 'read:nothing'); commit`)
  before = await setup.stateOf(tenant.databaseSchema)
  await expect(setup.prepare(tenant, await setup.archive(tenant))).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('role_permissions_role_fkey'),
  })
  await expectUntouched()
})

it('does not take the archive of another tenant', async () => {
  const other = await setup.backup.console.createTenant(`other-${count}`)
  await expect(setup.prepare(other, prefix)).rejects.toMatchObject({ code: 'CONFLICT' })
  await expectUntouched()
})

it('removes nothing that is live or ready, whatever it is asked', async () => {
  const restore = await setup.prepare(tenant, prefix)
  await sql(`update tenant_restores set side_schema = '${tenant.databaseSchema}' where id = '${restore.id}'`)
  await expect(setup.prepares.discard(setup.work(), tenant, restore.id)).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await setup.stateOf(tenant.databaseSchema)).toEqual(before)
  await sql(`update tenant_restores set side_schema = '${restore.sideSchema}' where id = '${restore.id}'`)
  await setup.prepares.discard(setup.work(), tenant, restore.id)
})
