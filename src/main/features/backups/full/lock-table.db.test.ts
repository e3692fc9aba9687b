import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgres } from '../../../../../scripts/services/postgres/installation.ts'
import { startPostgres } from '../../../../../scripts/services/postgres/server.ts'
import { type OpenRun, openRun } from '../../../../../scripts/services/runtime/open-run.ts'
import { eventually } from '../../../testing/eventually.ts'
import { bulk, type FullDumpBench, never, openBench } from './testing.ts'

const job = { signal: never }

const manyTables = (count: number) => `
  do $$ begin
    for i in 1..${count} loop
      execute format('create table public.t_%s (id serial primary key, name text unique)', i);
      if i % 5 = 0 then execute format('create view public.v_%s as select * from public.t_%s', i, i); end if;
    end loop;
  end $$;
  create table public.parts (y int) partition by list (y);
  create materialized view public.m as select 1 as one;`

describe('the lock table', () => {
  // What the estimate is worth is measured: the locks that pg_dump really holds while it dumps.
  test.each(['TENANTRY_TEST_PG15_URL', 'TENANTRY_TEST_PG18_URL'] as const)(
    'a plan for %s says how many locks a dump takes',
    async service => {
      await using bench = await openBench({ service })
      const { client } = bench.database
      await client.query(manyTables(250))
      await client.query(bulk(10_000))
      const { locks } = await bench.service.plan(bench.target, 'custom', never)
      let held = 0
      bench.target.store.atFirstBytes = async () => {
        // The store takes nothing meanwhile, so pg_dump comes to rest when all buffers are full; its locks only grow until then.
        let still = 0
        await eventually(async () => {
          const found = await client.query<{ held: number }>(
            `select count(*)::int as held from pg_locks l join pg_stat_activity a using (pid)
              where a.datname = current_database() and a.application_name = 'tenantry full dump' and l.locktype = 'relation'`,
          )
          const now = found.rows[0]?.held ?? 0
          still = now > held ? 0 : still + 1
          held = Math.max(held, now)
          return still > 5 ? held : undefined
        })
      }
      await bench.service.create(bench.target, { format: 'custom' }, job)
      expect(held).toBeGreaterThan(250)
      expect(locks.needed).toBeGreaterThanOrEqual(held)
      expect(locks.needed).toBeLessThan(held * 1.5 + 200)
    },
  )

  describe('of a server that has a small one', () => {
    let open: OpenRun
    let bench: FullDumpBench
    let small: FullDumpBench
    const TABLES = 2_000
    beforeAll(async () => {
      open = await openRun({})
      const { site, binaries } = await findPostgres(open.run, 15, 'few-locks')
      const settings = () => ['max_connections = 20', 'max_locks_per_transaction = 20', 'autovacuum = off']
      const { url } = await startPostgres(open.run, { name: 'few-locks', site, binaries, settings })
      small = await openBench({ url })
      bench = await openBench({ url })
      // In small transactions: making tables takes locks as well.
      for (let at = 0; at < TABLES; at += 20) {
        const tables = Array.from({ length: 20 }, (_, index) => `create table public.t_${at + index} (a int);`)
        await bench.database.client.query(tables.join(' '))
      }
    })
    afterAll(async () => {
      await bench?.[Symbol.asyncDispose]()
      await small?.[Symbol.asyncDispose]()
      await open?.stop()
    })

    test('is compared with what is needed, and a dump beyond it is refused beforehand', async () => {
      expect((await small.service.plan(small.target, 'custom', never)).advice).toBeNull()
      const plan = await bench.service.plan(bench.target, 'custom', never)
      expect(plan).toMatchObject({ tables: TABLES, advice: 'fleet-backup', locks: { capacity: 400, isEnough: false } })
      expect(plan.locks.needed).toBeGreaterThan(TABLES)
      await expect(bench.service.create(bench.target, { format: 'custom' }, job)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(
          /needs about 2,\d{3} locks at once; the lock table of the server holds about 400/,
        ),
        hint: expect.stringContaining('fleet backup'),
        details: { reason: 'lock-table', alternative: 'fleet-backup' },
      })
      expect(await bench.keys()).toEqual([])
    })

    test('is said to be full when the dump was tried all the same', async () => {
      const trying = { format: 'custom', ignoreLockTable: true } as const
      await expect(bench.service.create(bench.target, trying, job)).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'lock-table' },
      })
      expect(await bench.keys()).toEqual([])
    })
  })
})

test.each([['custom'], ['sql.gz']] as const)(
  'a dump as %s that waits in vain for a locked table names who holds it',
  async format => {
    await using bench = await openBench()
    const { client } = bench.database
    await client.query('create table public.busy (a int)')
    await client.query('begin; lock table public.busy in access exclusive mode')
    await client.query(`set application_name = 'night migration'`)
    await expect(bench.service.create(bench.target, { format, lockWaitMs: 200 }, job)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/postgres \(night migration, process \d+\) on busy, holds a lock/),
      details: { reason: 'lock', holders: [{ application: 'night migration', table: 'busy' }] },
    })
    await client.query('rollback')
    expect(await bench.keys()).toEqual([])
  },
)
