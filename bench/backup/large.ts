import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestConsole } from '../../src/main/testing/test-console.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, median, timed } from '../lib/measure.ts'
import { createFleet } from '../tenants/fleet.ts'
import { dump, nextSecond, openArchiving, targetOf } from './archiving.ts'

const ROWS = 3_000_000
const ROUNDS = { rounds: 3, warmUp: 1 }
const MEMORY_ROUNDS = 3
const MEMORY_MB = 250
const VALUE_BYTES = 100 * 1024 * 1024
const MEGABYTE = 1_000_000

/** A tenant with 3 M audit rows, against pg_dump with the two usual compressors; then its memory, with a value of 100 MB. */
export async function backupLarge(): Promise<void> {
  await using console = await createFleet()
  const schema = await createLarge(console)
  const target = targetOf(console)
  await using archiving = await openArchiving(target)
  const tenant = await archiving.tenant('large')
  let stored = 0
  let gzipped = 0
  const times = await interleaved(
    {
      ours: async () => {
        await nextSecond()
        return await timed(async () => {
          stored = (await archiving.backups.create(archiving.work, tenant)).storedBytes
        })
      },
      zstd: () => timed(() => dump(target, ['-Z0', '-n', schema], ['zstd', '-q', '-3', '-T2'])),
      gzip: () =>
        timed(async () => {
          gzipped = await dump(target, ['-n', schema], ['gzip', '-6'])
        }),
    },
    ROUNDS,
  )
  report('backup.large', 'ms', { ours: times.ours, yardstick: times.zstd, target: { ratio: 1.25 } })
  report('backup.large-gzip', 'ms', { ours: times.ours, yardstick: times.gzip, target: { ratio: 1 / 2.5 } })
  report('backup.large-size', 'MB', {
    ours: stored / MEGABYTE,
    yardstick: gzipped / MEGABYTE,
    target: { ratio: 1 },
  })
  await measureMemory(console, schema)
}

async function createLarge({ createTenant, database: { client } }: TestConsole): Promise<string> {
  const { databaseSchema: schema } = await createTenant('large')
  note(`writing ${ROWS} rows`)
  await client.query(
    `insert into ${schema}.audit_logs (user_id, action, entity_type, entity_id, changes, created_at)
     select (select id from ${schema}.users limit 1), (array['employee.update', 'leave.approve', 'payroll.process', 'user.login'])[1 + n % 4],
       (array['employee', 'leave', 'payroll', 'user'])[1 + n % 4], gen_random_uuid(),
       jsonb_build_object('field', 'status', 'from', 'draft', 'to', 'approved', 'number', n), timestamptz '2024-01-01' + n * interval '7 seconds'
     from generate_series(1, ${ROWS}) n`,
  )
  await client.query(`vacuum (analyze) ${schema}.audit_logs`)
  return schema
}

/** Peak of resident memory of a process that does nothing else, against one that only loads the same program. */
async function measureMemory(console: TestConsole, schema: string): Promise<void> {
  const { client } = console.database
  await client.query(
    `insert into ${schema}.organization_settings (key, value) values ('large', to_jsonb(repeat('0123456789', ${VALUE_BYTES / 10})))`,
  )
  const peaks: Record<'backup' | 'idle', number[]> = { backup: [], idle: [] }
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    await nextSecond()
    peaks.backup.push(await peakMegabytes(console, 'backup'))
    peaks.idle.push(await peakMegabytes(console, 'idle'))
  }
  const [ours, yardstick] = [median(peaks.backup), median(peaks.idle)]
  report('backup.large-memory', 'MB', { ours, yardstick, target: { ours: MEMORY_MB } })
}

async function peakMegabytes(console: TestConsole, what: 'backup' | 'idle'): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'memory-child.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify({ target: targetOf(console), slug: 'large', what }))
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`The child ended with ${code}`)
  return Number(printed) / MEGABYTE
}
