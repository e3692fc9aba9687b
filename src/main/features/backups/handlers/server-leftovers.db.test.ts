import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestConsole, type TestConsole } from '../../../testing/test-console.ts'

let console: TestConsole
let backups: string
beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
  console = await createTestConsole({ stores: { backup: { kind: 'folder', path: backups } }, passwordCost: 4 })
})
afterAll(async () => {
  await console[Symbol.asyncDispose]()
  await rm(backups, { recursive: true, force: true })
})

it('a clean-up drops schemas whose time for undo is over and databases of dead restores, and keeps the others', async () => {
  const { client, environment, database } = console
  const environmentId = environment.id
  const unfinished = `tenantry_restore_${Buffer.from(database.settings.database).toString('hex').slice(-16)}`
  const restored = async (slug: string) => {
    const { id: tenantId } = await console.createTenant(slug)
    const ref = { environmentId, tenantId }
    const { archive } = await client.runJob('backups.create', ref)
    const { id: restoreId, token } = await client.runJob('backups.prepare', { ...ref, archive })
    const confirmation = { typed: slug }
    const done = await client.runJob('backups.restore', { ...ref, restoreId, token: token ?? '', confirmation })
    return done.restore.keptSchema ?? ''
  }
  const [expired, kept] = [await restored('expired'), await restored('kept')]
  await database.client.query(
    `update tenant_restores set kept_until = now() - interval '1 hour' where kept_schema = $1`,
    [expired],
  )
  await database.client.query(`create database ${unfinished}`)
  try {
    const plan = await client.call('backups.cleanupPlan', { environmentId })
    expect(plan.remove.map(({ kind, key }) => [kind, key])).toEqual([
      ['kept', expired],
      ['database', unfinished],
    ])
    const report = await client.runJob('backups.cleanup', { environmentId, confirmation: { typed: environment.name } })
    expect(report.failed).toEqual([])
    const left = await database.client.query(
      `select nspname as name from pg_namespace where nspname like '%\\_\\_before\\_%' union all select datname from pg_database where datname = $1`,
      [unfinished],
    )
    expect(left.rows).toEqual([{ name: kept }])
  } finally {
    await database.client.query(`drop database if exists ${unfinished}`)
  }
})
