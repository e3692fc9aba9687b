import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { type RestoreSetup, restoreSetup, watchedJob } from './testing.ts'

let setup: RestoreSetup
let tenant: TenantRow
beforeAll(async () => {
  setup = await restoreSetup()
  tenant = await setup.backup.console.createTenant('acme')
})
afterAll(() => setup[Symbol.asyncDispose]())

it('builds an archive beside live, byte for byte, and finds no difference', async () => {
  const before = await setup.stateOf(tenant.databaseSchema)
  const prefix = await setup.archive(tenant)
  const job = watchedJob()
  const restore = await setup.prepare(tenant, prefix, { job })
  expect(job.steps).toEqual([
    'Check the archive',
    'Build the side schema',
    'Load',
    'Build indexes and constraints',
    'Verify',
    'Switch constraints and triggers on',
    'Compare with live',
  ])
  expect(restore).toMatchObject({ state: 'ready', schemaChoice: 'migrate', problem: null, who: 'asha' })
  expect(restore.token).toMatch(/^[0-9a-f]{64}$/)
  expect(restore.verification?.outcome).toBe('passed')
  expect(restore.comparison?.every(table => table.state === 'equal')).toBe(true)
  expect(await setup.stateOf(restore.sideSchema ?? '')).toEqual(before)
  expect(await setup.stateOf(tenant.databaseSchema)).toEqual(before)
  expect(await setup.leftSchemas()).toEqual([restore.sideSchema])
  const gone = await setup.prepares.discard(setup.work(), tenant, restore.id)
  expect(gone).toMatchObject({ state: 'discarded', sideSchema: null })
  expect(await setup.leftSchemas()).toEqual([])
})
