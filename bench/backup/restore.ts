import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { Decisions } from '../../src/main/features/backups/restore/decisions.ts'
import { findRestore, tokenOfRestore } from '../../src/main/features/backups/restore/restore.repository.ts'
import { compareSides } from '../../src/main/features/backups/restore/side-compare.ts'
import { SwapService } from '../../src/main/features/backups/restore/swap.service.ts'
import { type RestoreSetup, restoreSetup, watchedJob } from '../../src/main/features/backups/restore/testing.ts'
import type { TenantRow } from '../../src/shared/contract/tenant.model.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, median, timed } from '../lib/measure.ts'
import type { Measurement } from '../lib/measurement.ts'
import { createLargeTenant, damageTenant } from './large-tenant.ts'

const ROUNDS = 3
const SWAP_MS = 50

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
    const swaps: Swaps = { ours: [], yardstick: [] }
    const times = await interleaved(
      {
        ours: () => prepareOnce(setup, { tenant, prefix, swaps }),
        yardstick: () => restoreOnce(setup, dump),
      },
      { rounds: ROUNDS },
    )
    report('restore.large', 'ms', { ...times, target: { ratio: 1.3 } })
    report('restore.swap', 'ms', {
      ours: median(swaps.ours),
      yardstick: median(swaps.yardstick),
      target: { ours: SWAP_MS },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Milliseconds of single swaps, and of bare renames. */
interface Swaps {
  ours: number[]
  yardstick: number[]
}

async function prepareOnce(
  setup: RestoreSetup,
  { tenant, prefix, swaps }: { tenant: TenantRow; prefix: string; swaps: Swaps },
): Promise<number> {
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
  await swapBothWays(setup, { tenant, id, swaps })
  return duration
}

/** Swaps the prepared restore with live, and back: from the first rename to the answer of COMMIT. What was taken away goes for good. */
async function swapBothWays(
  setup: RestoreSetup,
  { tenant, id, swaps }: { tenant: TenantRow; id: string; swaps: Swaps },
): Promise<void> {
  const { sql } = setup.backup
  const compare = async (...given: Parameters<typeof compareSides>) => (await compareSides(...given)).tables
  const service = new SwapService({ decisions: new Decisions(), compare })
  const hold = { hold: 'wait', lockTimeoutMs: 10_000, limitSeconds: 600, reason: undefined } as const
  const work = setup.work()
  const row = await work.db.read(tx => findRestore(tx, id))
  const token = (row && tokenOfRestore(row)) ?? ''
  const there = { restoreId: id, token, ...hold, keepDays: 7, onChange: 'stop' } as const
  const restored = await service.restore(work, tenant, there)
  const plan = await service.undoPlan(work.db, tenant, id)
  const undone = await service.undo(work, tenant, { restoreId: id, token: plan.token ?? '', ...hold })
  swaps.ours.push(restored.swapMs, undone.swapMs)
  note(
    `swap ${restored.swapMs.toFixed(1)} ms (held ${Math.round(restored.heldMs)}), back ${undone.swapMs.toFixed(1)} ms`,
  )
  const live = tenant.databaseSchema
  for (let turn = 0; turn < 2; turn++) {
    const rename = `begin; alter schema "${live}" rename to bench_swap; alter schema bench_swap rename to "${live}"; commit`
    swaps.yardstick.push(await timed(() => sql(rename)))
  }
  await sql(`drop schema "${undone.restore.keptSchema}" cascade`)
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

export const RESTORE: readonly Measurement[] = [{ names: ['restore.large', 'restore.swap'], run: restoreLarge }]
