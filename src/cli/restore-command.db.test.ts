import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { createTestConsole, type TestConsole } from '../main/testing/test-console.ts'
import { runOver } from './test-cli.ts'

let console: TestConsole
let backups: string
let tenant: TenantRow
beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
  const stores = { backup: { kind: 'folder', path: backups } } as const
  console = await createTestConsole({ class: 'production', stores, passwordCost: 4 })
  tenant = await console.createTenant('acme-corp')
  await query(`insert into ${tenant.databaseSchema}.roles (name) values ('payroll-clerk')`)
  expect(await run('backup schema acme-corp --json')).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
  await rm(backups, { recursive: true, force: true })
})

const query = (text: string) => console.database.client.query(text)
const run = (line: string | readonly string[], options = {}) => runOver(console.services.kernel, line, options)
const roles = async () =>
  (await query(`select name from ${tenant.databaseSchema}.roles order by name`)).rows.map(row => row.name)

it('lists and validates archives under the names that scripts use', async () => {
  const list = JSON.parse((await run('backup list acme-corp --json')).out)
  expect(list.items).toMatchObject([{ state: 'complete', schemaVersion: 4 }])
  const checked = await run(`backup validate acme-corp --archive ${list.items[0].archive} --depth restore --json`)
  expect(JSON.parse(checked.out)).toMatchObject({ outcome: 'passed', depth: 'restore' })
})

it('shows the plan and builds nothing without a confirmation', async () => {
  const outcome = await run('backup restore acme-corp')
  expect(outcome).toMatchObject({ code: 2, out: '' })
  expect(outcome.notes).toMatch(/Environment +Test system \(production\)/)
  expect(outcome.notes).toContain('--confirm acme-corp --reason')
  const schemas = await query(`select 1 from pg_namespace where nspname like '%\\_\\_restore\\_%'`)
  expect(schemas.rowCount).toBe(0)
})

it('takes what stands beside live away when the person types another name', async () => {
  const outcome = await run('backup restore acme-corp', { answers: ['acme'] })
  expect(outcome).toMatchObject({ code: 2 })
  expect(outcome.notes).toContain('Live and the archive hold the same rows')
  const schemas = await query(`select 1 from pg_namespace where nspname like '%\\_\\_restore\\_%'`)
  expect(schemas.rowCount).toBe(0)
})

it('restores with the typed slug, tells what was lost before, and undoes', async () => {
  await query(`delete from ${tenant.databaseSchema}.roles where name = 'payroll-clerk'`)
  await query(`insert into ${tenant.databaseSchema}.roles (name) values ('made-later')`)
  const restored = await run([
    'backup',
    'restore',
    'acme-corp',
    '--confirm',
    'acme-corp',
    '--reason',
    'A wrong import',
    '--json',
  ])
  expect(restored.notes).toMatch(/roles +1 come back, 1 are lost, 0 change back/)
  const report = JSON.parse(restored.out)
  expect(report).toMatchObject({ restore: { state: 'done' }, verification: { outcome: 'passed' } })
  expect(await roles()).toContain('payroll-clerk')
  expect(await roles()).not.toContain('made-later')
  const reference = `--tenant acme-corp --restore-id ${report.restore.id}`
  const plan = JSON.parse((await run(`backups undo-plan ${reference} --json`)).out)
  expect(plan.canUndo).toBe(true)
  const undone = await run(`backups undo ${reference} --token ${plan.token} --confirm acme-corp --reason back --json`)
  expect(JSON.parse(undone.out)).toMatchObject({ restore: { state: 'undone' } })
  expect(await roles()).toContain('made-later')
})

it('says that there is no archive of a tenant that was never backed up', async () => {
  await console.createTenant('never')
  expect(await run('backup restore never --confirm never --reason none')).toMatchObject({ code: 4 })
})
