import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type RestoreSetup, restoreSetup, watchedJob } from '../../src/main/features/backups/restore/testing.ts'
import type { TenantRow } from '../../src/shared/contract/tenant.model.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, timed } from '../lib/measure.ts'
import type { Measurement } from '../lib/measurement.ts'
import { createLargeTenant, damageTenant } from './large-tenant.ts'

const ROUNDS = 3

/**
 * From the archive to a restore that is ready to swap: loaded beside live, indexed, every table read back and hashed, compared with live.
 * The yardstick loads and indexes a custom dump of the same tenant, into a fresh database of the same server, and checks nothing.
 */
async function restoreLarge(): Promise<void> {
  await using setup = await restoreSetup()
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  try {
    const tenant = await createLargeTenant(setup)
    const prefix = await setup.archive(tenant)
    const dump = join(folder, 'tenant.dump')
    await runTool('pg_dump', ['-Fc', '-n', tenant.databaseSchema, '-f', dump, setup.backup.console.database.url])
    await damageTenant(setup, tenant)
    const times = await interleaved(
      {
        ours: () => prepareOnce(setup, tenant, prefix),
        yardstick: () => restoreOnce(setup, dump),
      },
      { rounds: ROUNDS },
    )
    report('restore.large', 'ms', { ...times, target: { ratio: 1.3 } })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function prepareOnce(setup: RestoreSetup, tenant: TenantRow, prefix: string): Promise<number> {
  const { sql } = setup.backup
  await sql('checkpoint')
  const job = watchedJob()
  const { step } = job
  job.step = async (name, work) => {
    const started = performance.now()
    return await step(name, work).finally(() => note(`  ${name}: ${Math.round(performance.now() - started)} ms`))
  }
  let id = ''
  const duration = await timed(async () => {
    const restore = await setup.prepare(tenant, prefix, { job })
    id = restore.id
  })
  note(`ours ${Math.round(duration)} ms`)
  await setup.prepares.discard(setup.work(), tenant, id)
  return duration
}

async function restoreOnce(setup: RestoreSetup, dump: string): Promise<number> {
  const { sql, console } = setup.backup
  const name = `${console.database.settings.database}_yardstick`
  const url = new URL(console.database.url)
  url.pathname = `/${name}`
  await sql(`create database ${name} template template0`)
  try {
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query('create schema extensions; create extension citext schema extensions; checkpoint')
    await client.end()
    const duration = await timed(() => runTool('pg_restore', ['-j', '2', '-d', url.href, dump]))
    note(`pg_restore ${Math.round(duration)} ms`)
    return duration
  } finally {
    await sql(`drop database ${name} with (force)`)
  }
}

async function runTool(tool: string, args: readonly string[]): Promise<void> {
  const folder = process.env.TENANTRY_TEST_PG15_BIN
  const child = spawn(folder === undefined ? tool : join(folder, tool), args, {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${tool} ended with ${code}`)
}

export const RESTORE: readonly Measurement[] = [{ names: ['restore.large'], run: restoreLarge }]
