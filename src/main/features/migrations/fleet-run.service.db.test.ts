import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { eventually } from '../../testing/eventually.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'
import { FleetRunService } from './fleet-run.service.ts'
import { BUILT_IN, fleetOn, withOwn } from './testing/fleet.ts'

let console: TestConsole
let down: string
const tenants: TenantRow[] = []
beforeAll(async () => {
  console = await createTestConsole({ passwordCost: 4 })
  down = await readFile(join(BUILT_IN, '0004_workflow_and_audit.down.sql'), 'utf8')
  for (const slug of ['first', 'second', 'third']) tenants.push(await console.createTenant(slug))
})
afterAll(() => console[Symbol.asyncDispose]())

const fleet = () => ({ environmentId: console.environment.id })
const run = (input: object = {}) => console.client.runJob('migrations.run', { ...fleet(), ...input })
const query = (text: string, values?: unknown[]) => console.database.client.query(text, values)

/** Takes every tenant back to version 3. */
const goBack = async () => {
  for (const { id, databaseSchema } of tenants) {
    await query(
      `set search_path to ${databaseSchema}, extensions; delete from schema_migrations where version = 4; ${down}; reset search_path`,
    )
    await query('delete from tenant_migrations where tenant_id = $1 and version = 4', [id])
  }
}

describe('migrations.run', () => {
  beforeEach(goBack)

  it('brings a fleet up to date, and then has nothing to do', async () => {
    const report = await run()
    expect(report).toMatchObject({ migrated: 3, failed: 0, stopped: null })
    expect(report.outcomes.map(one => one.versions)).toEqual([[4], [4], [4]])
    const board = await console.client.call('migrations.board', fleet())
    expect(board.groups).toEqual([{ version: 4, state: 'applied', tenants: 3 }])
    expect(await run()).toMatchObject({ outcomes: [], migrated: 0 })
    await goBack()
    expect((await run({ tenantIds: [tenants[1]?.id] })).outcomes.map(one => one.slug)).toEqual(['second'])
    await run()
    await goBack()
    await run()
  })

  it('stands still after its canary until it is resumed', async () => {
    const job = run({ afterCanary: 'ask' })
    await eventually(async () => {
      const board = await console.client.call('migrations.board', fleet())
      return board.groups.some(group => group.state === 'applied') ? true : undefined
    })
    expect(await console.client.call('migrations.pause', fleet())).toEqual({ isPaused: true })
    await expect(run()).rejects.toMatchObject({ code: 'CONFLICT' })
    const release = async () => {
      await console.client.call('migrations.resume', fleet()).catch(() => undefined)
      const board = await console.client.call('migrations.board', fleet())
      return board.groups.length === 1 && board.groups[0]?.state === 'applied' ? true : undefined
    }
    await eventually(release)
    expect((await job).migrated).toBe(3)
    await expect(console.client.call('migrations.resume', fleet())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('fails with every outcome when a tenant failed', async () => {
    await query(`create table ${tenants[2]?.databaseSchema}.approvals (x int)`)
    await expect(run({ canarySmallest: 0 })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('2 migrated, 1 failed'),
      details: { outcomes: expect.arrayContaining([expect.objectContaining({ slug: 'third', state: 'failed' })]) },
    })
    await query(`drop table ${tenants[2]?.databaseSchema}.approvals`)
    expect((await run()).outcomes.map(one => one.slug)).toEqual(['third'])
  })

  it('is refused to support', async () => {
    const support = console.connect('support')
    await expect(support.runJob('migrations.run', fleet())).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await run()
  })
})

describe('risky migrations', () => {
  const start = async (text: string, typed?: string) => {
    await using engine = fleetOn(console.database)
    const { signal } = new AbortController()
    const service = new FleetRunService(await withOwn(text))
    const input = {
      ...fleet(),
      workers: 1,
      canarySmallest: 0,
      afterCanary: 'continue' as const,
      cleanWaitMs: 0,
      wavePercent: 100,
      lockTimeoutMs: 2_000,
      statementTimeoutMs: 10_000,
      retryBudgetMs: 0,
      stopAfterFailures: 5,
      stopAfterLockWaitMs: 10_000,
      ...(typed === undefined ? {} : { confirmation: { typed } }),
    }
    const job = { progress: () => undefined, log: () => undefined }
    return await service.run(engine.db(), input, { environment: console.environment, who: 'asha', signal, job })
  }

  it('are not run where lint finds an error, and only with a typed name where they lose data', async () => {
    await expect(start('begin; select 1')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(start('alter table organization_settings drop column updated_at')).rejects.toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
      details: { expected: console.environment.name },
    })
    await expect(start('alter table organization_settings drop column updated_at', 'nonsense')).rejects.toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
    })
    expect(
      await start('alter table organization_settings drop column updated_at', console.environment.name),
    ).toMatchObject({
      migrated: 3,
    })
  })
})
