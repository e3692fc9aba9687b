import { fork } from 'node:child_process'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { eventually } from '../../testing/eventually.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'
import type { TenantOutcome } from './fleet-run.model.ts'
import { RunControl } from './run-control.ts'
import { type FleetUnderTest, fleetOn, withOwn } from './testing/fleet.ts'

const SLUGS = ['a-one', 'b-two', 'c-three', 'd-four', 'e-five', 'f-six']
let console: TestConsole
let fleet: FleetUnderTest
let tenants: TenantRow[]
const blockers: pg.Client[] = []

beforeAll(async () => {
  console = await createTestConsole({ passwordCost: 4 })
  fleet = fleetOn(console.database)
  tenants = []
  for (const slug of SLUGS) tenants.push(await console.createTenant(slug))
})
afterEach(async () => {
  for (const client of blockers.splice(0)) await client.end()
  for (const { databaseSchema } of tenants) {
    await query(
      `drop table if exists ${databaseSchema}.fresh; delete from ${databaseSchema}.schema_migrations where version >= 1000`,
    )
  }
  await query(`delete from tenant_migrations where version >= 1000; update tenants set status = 'active'`)
})
afterAll(async () => {
  await fleet[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const query = (text: string, values?: unknown[]) => console.database.client.query(text, values)
const tenant = (index: number): TenantRow => {
  const found = tenants[index]
  if (found === undefined) throw new Error(`There is no tenant ${index}`)
  return found
}
const states = (outcomes: readonly TenantOutcome[]) => outcomes.map(one => one.state)

/** Another client that holds on to something until the test is over. */
const blocker = async (text: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: console.database.url })
  client.on('error', () => undefined)
  await client.connect()
  blockers.push(client)
  await client.query(text)
  return client
}

/** Rows of both ledgers from version 1000 on, by tenant; they must be equal. */
const applied = async (): Promise<number[][]> => {
  const versions: number[][] = []
  for (const { id, databaseSchema } of tenants) {
    const own = await query(
      `select version, checksum from ${databaseSchema}.schema_migrations where version >= 1000 order by 1`,
    )
    const copy = await query(
      `select version, checksum from tenant_migrations where tenant_id = $1 and version >= 1000 and state = 'applied' order by 1`,
      [id],
    )
    expect(copy.rows).toEqual(own.rows)
    versions.push(own.rows.map(row => Number(row.version)))
  }
  return versions
}
const ALL = (...versions: number[]) => SLUGS.map(() => versions)

/** Fails when it is run a second time. */
const TABLE =
  'create table fresh (id int primary key, done boolean); insert into fresh select g from generate_series(1, 25) g'

describe('a run', () => {
  it('migrates every tenant once, with both ledgers, and then finds nothing to do', async () => {
    const set = await withOwn(TABLE, 'alter table fresh add column more int')
    const report = await fleet.run(set)
    expect(report).toMatchObject({ migrated: 6, failed: 0, skipped: 0, notRun: 0, stopped: null })
    expect(report.outcomes[0]).toMatchObject({ slug: 'a-one', versions: [1000, 1001], error: null })
    expect(await applied()).toEqual(ALL(1000, 1001))
    expect((await fleet.run(set)).outcomes).toEqual([])
  })

  it('leaves a tenant as it was when one of its statements fails, names it, and goes on with the others', async () => {
    await query(`create table ${tenant(2).databaseSchema}.fresh (x int)`)
    const report = await fleet.run(await withOwn('create table other_one (x int)', TABLE), {
      canary: { tenantIds: [] },
    })
    expect(states(report.outcomes)).toEqual(['migrated', 'migrated', 'failed', 'migrated', 'migrated', 'migrated'])
    expect(report.outcomes[2]).toMatchObject({ versions: [], error: { sqlState: '42P07', server: expect.any(String) } })
    expect((await applied())[2]).toEqual([])
    expect(
      (await query(`select to_regclass('${tenant(2).databaseSchema}.other_one') as found`)).rows[0]?.found,
    ).toBeNull()
    const marked = await query(`select tenant_id, version, state from tenant_migrations where state = 'failed'`)
    expect(marked.rows).toEqual([{ tenant_id: tenant(2).id, version: 1001, state: 'failed' }])
    await query(`drop table ${tenant(2).databaseSchema}.fresh`)
    const again = await fleet.run(await withOwn('create table other_one (x int)', TABLE))
    expect(again.outcomes).toMatchObject([{ slug: 'c-three', state: 'migrated' }])
    for (const { databaseSchema } of tenants) await query(`drop table ${databaseSchema}.other_one`)
  })

  it('stops after its canary failed, and after too many failures', async () => {
    const set = await withOwn('select 1 / 0')
    const canary = await fleet.run(set, { canary: { tenantIds: [tenant(3).id] } })
    expect(canary).toMatchObject({ failed: 1, notRun: 5, stopped: 'A canary tenant failed.' })
    expect(canary.outcomes[3]).toMatchObject({ state: 'failed', error: { sqlState: '22012' } })
    const stopped = await fleet.run(set, { canary: { tenantIds: [] }, stopAfterFailures: 2, workers: 1 })
    expect(stopped).toMatchObject({ failed: 2, notRun: 4, stopped: '2 tenants failed.' })
  })

  it('waits for a go-ahead after its canary', async () => {
    const control = new RunControl()
    const done: string[] = []
    const run = fleet.run(
      await withOwn(TABLE),
      { canary: { tenantIds: [tenant(4).id] }, afterCanary: 'ask' },
      { control, onOutcome: outcome => done.push(outcome.slug) },
    )
    await eventually(() => (control.pausedBecause === null ? undefined : true))
    expect(done).toEqual(['e-five'])
    control.resume()
    expect((await run).migrated).toBe(6)
  })

  it('names a tenant that is removed meanwhile, and goes on', async () => {
    const control = new RunControl()
    const extra = await console.createTenant('z-gone')
    const run = fleet.run(
      await withOwn(TABLE),
      { canary: { tenantIds: [tenant(0).id] }, afterCanary: 'ask' },
      { control },
    )
    await eventually(() => (control.pausedBecause === null ? undefined : true))
    await query(`delete from tenants where id = $1`, [extra.id])
    await query(`drop schema ${extra.databaseSchema} cascade`)
    control.resume()
    const report = await run
    expect(report).toMatchObject({ migrated: 6, skipped: 1, failed: 0 })
    expect(report.outcomes.at(-1)).toMatchObject({ slug: 'z-gone', reason: 'It was removed or replaced meanwhile.' })
  })

  it('skips and names tenants that are archived, restored, or in somebody’s hands', async () => {
    await query(`update tenants set status = 'archived' where id = $1`, [tenant(0).id])
    await query(`update tenants set status = 'restoring', status_before = 'active' where id = $1`, [tenant(1).id])
    await blocker(`select pg_advisory_lock(1413828161, ('x' || left('${tenant(2).id}', 8))::bit(32)::int4)`)
    await query(
      `insert into tenants (name, slug, database_schema, admin_email, status) values ('N', 'not-built', 'nowhere', 'a@b.example', 'failed')`,
    )
    const report = await fleet.run(await withOwn(TABLE))
    await query(`delete from tenants where slug = 'not-built'`)
    expect(report).toMatchObject({ migrated: 3, skipped: 4, failed: 0 })
    expect(report.outcomes.at(-1)).toMatchObject({ slug: 'not-built', reason: 'It is failed.' })
    expect(report.outcomes.slice(0, 3).map(one => one.reason)).toEqual([
      'It is archived.',
      'It is restoring.',
      expect.stringContaining('Somebody'),
    ])
  })

  it('refuses a migration that was edited after it was applied, and a tenant that is ahead', async () => {
    await fleet.run(await withOwn(TABLE))
    const edited = await fleet.run(await withOwn(`${TABLE} `, 'select 1'), {
      stopAfterFailures: 9,
      canary: { tenantIds: [] },
    })
    expect(edited.failed).toBe(6)
    expect(edited.outcomes[0]?.error).toMatchObject({ message: expect.stringContaining('another text') })
    expect(await applied()).toEqual(ALL(1000))
    await query(
      `insert into ${tenant(1).databaseSchema}.schema_migrations (version, name, checksum, duration_ms, applied_by)
       values (2000, 'later', repeat('a', 64), 1, 'asha')`,
    )
    const ahead = await fleet.run(await withOwn(TABLE, 'select 1'), { canary: { tenantIds: [] } })
    expect(ahead).toMatchObject({ migrated: 5, failed: 1 })
    expect(ahead.outcomes[1]?.error).toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('repairs a copy of the ledger that lags behind', async () => {
    const set = await withOwn(TABLE)
    await fleet.run(set)
    await query('delete from tenant_migrations where tenant_id = $1 and version = 1000', [tenant(1).id])
    expect((await fleet.run(set)).outcomes).toMatchObject([{ slug: 'b-two', state: 'skipped' }])
    expect(await applied()).toEqual(ALL(1000))
  })
})

describe('locks', () => {
  it('are waited for a little, then tried again until they are free', async () => {
    const client = await blocker(`begin; lock table ${tenant(0).databaseSchema}.departments`)
    const run = fleet.run(await withOwn('alter table departments add column more int'), { lockTimeoutMs: 50 })
    await eventually(async () => {
      const waiting = await query(
        `select 1 from pg_locks where not granted and relation = '${tenant(0).databaseSchema}.departments'::regclass`,
      )
      return waiting.rowCount === 0 ? undefined : true
    })
    await eventually(async () => {
      const waiting = await query(
        `select 1 from pg_locks where not granted and relation = '${tenant(0).databaseSchema}.departments'::regclass`,
      )
      return waiting.rowCount === 0 ? true : undefined
    })
    await client.query('rollback')
    const report = await run
    expect(report.migrated).toBe(6)
    expect(report.outcomes[0]?.retries).toBeGreaterThan(0)
    for (const { databaseSchema } of tenants) await query(`alter table ${databaseSchema}.departments drop column more`)
  })

  it('that are never given up fail their tenant alone once its budget is spent', async () => {
    const client = await blocker(`begin; lock table ${tenant(1).databaseSchema}.departments`)
    const set = await withOwn('-- tenantry: lock-timeout 20ms\nalter table departments add column less int')
    const report = await fleet.run(set, { retryBudgetMs: 300, canary: { tenantIds: [] } })
    expect(states(report.outcomes)).toEqual(['migrated', 'failed', 'migrated', 'migrated', 'migrated', 'migrated'])
    expect(report.outcomes[1]).toMatchObject({ error: { sqlState: '55P03' } })
    await client.query('rollback')
    for (const { databaseSchema } of tenants) {
      await query(`alter table ${databaseSchema}.departments drop column if exists less`)
    }
  })

  it('on a tenant’s own ledger hold nobody else up', async () => {
    await blocker(`begin; lock table ${tenant(3).databaseSchema}.schema_migrations`)
    const options = { lockTimeoutMs: 20, retryBudgetMs: 200, canary: { tenantIds: [] } }
    const report = await fleet.run(await withOwn(TABLE), options)
    expect(report).toMatchObject({ migrated: 5, failed: 1 })
    expect(report.outcomes[3]).toMatchObject({ state: 'failed', error: { sqlState: '55P03' } })
    await blockers[0]?.query('rollback')
  })

  it('let one console migrate a fleet at a time', async () => {
    const control = new RunControl()
    control.pause('The test says so.')
    const first = fleet.run(await withOwn(TABLE), {}, { control })
    await eventually(async () => {
      const named = await query(`select 1 from pg_stat_activity where application_name = 'tenantry fleet run by asha'`)
      return named.rowCount === 0 ? undefined : true
    })
    await expect(fleet.run(await withOwn(TABLE))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('by asha'),
    })
    control.resume()
    expect((await first).migrated).toBe(6)
  })
})

describe('migrations outside a transaction', () => {
  const INDEX = `-- tenantry: no-transaction\ncreate index concurrently fresh_done_idx on fresh (done);\ncreate index concurrently fresh_id_idx on fresh (id)`

  it('build indexes concurrently, and leave nothing of their settings on the connection', async () => {
    expect((await fleet.run(await withOwn(TABLE, INDEX), { workers: 1 })).migrated).toBe(6)
    expect(await applied()).toEqual(ALL(1000, 1001))
    const path = await fleet.db().session(session => session.connection.query('show search_path'))
    expect(path.rows).toEqual([{ search_path: '"$user", public' }])
  })

  it('find the invalid index of an interrupted run, name it and build it again', async () => {
    await fleet.run(await withOwn(TABLE))
    const { databaseSchema, id } = tenant(2)
    await query(
      `create index fresh_done_idx on ${databaseSchema}.fresh (done); create index fresh_id_idx on ${databaseSchema}.fresh (id)`,
    )
    await query(
      `update pg_index set indisvalid = false where indexrelid = '${databaseSchema}.fresh_done_idx'::regclass`,
    )
    await query(
      `insert into tenant_migrations (tenant_id, version, name, checksum, state) values ($1, 1001, 'own', repeat('a', 64), 'running')`,
      [id],
    )
    const report = await fleet.run(await withOwn(TABLE, INDEX))
    expect(report.migrated).toBe(6)
    expect(report.outcomes[2]?.notes).toEqual([
      expect.stringContaining('fresh_done_idx, left behind'),
      expect.stringContaining('fresh_id_idx was there already'),
    ])
    const invalid = await query('select 1 from pg_index where not indisvalid')
    expect(invalid.rowCount).toBe(0)
  })

  it('are failed, not applied, where an index of that name was there before', async () => {
    await fleet.run(await withOwn(TABLE))
    await query(`create index fresh_done_idx on ${tenant(0).databaseSchema}.fresh (id)`)
    const report = await fleet.run(await withOwn(TABLE, INDEX), { canary: { tenantIds: [] } })
    expect(report.outcomes[0]).toMatchObject({ state: 'failed', error: { sqlState: '42P07' } })
  })

  it('fill rows in chunks that are committed one by one', async () => {
    const fill = `-- tenantry: batch 10\nupdate fresh set done = true where id in (select id from fresh where done is null limit $1)`
    expect((await fleet.run(await withOwn(TABLE, fill))).migrated).toBe(6)
    const left = await query(
      `select count(*)::int as left, count(distinct xmin::text)::int as chunks from ${tenant(0).databaseSchema}.fresh where done`,
    )
    expect(left.rows).toEqual([{ left: 25, chunks: 3 }])
    expect(await applied()).toEqual(ALL(1000, 1001))
  })
})

describe('a run that ends early', () => {
  const SLOW = 'select pg_sleep(0.05)'

  it('is cancelled on the server, and goes on from the ledger', async () => {
    const abort = new AbortController()
    const set = await withOwn(TABLE, SLOW)
    const run = fleet.run(set, { workers: 1 }, { signal: abort.signal, onOutcome: () => abort.abort() })
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' })
    const before = (await applied()).filter(versions => versions.length > 0).length
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(6)
    expect((await fleet.run(set)).migrated).toBe(6 - before)
    expect(await applied()).toEqual(ALL(1000, 1001))
  })

  it('survives the loss of every connection', async () => {
    let cuts = 0
    const report = await fleet.run(
      await withOwn(TABLE, SLOW),
      { workers: 2, canary: { tenantIds: [] } },
      {
        onOutcome: () => {
          if (cuts++ < 2)
            void query(
              `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tenantry%' and datname = current_database()`,
            )
        },
      },
    )
    expect(report.failed).toBe(0)
    expect(await applied()).toEqual(ALL(1000, 1001))
  })

  it('is killed at random moments and run again until all is done: nothing is applied twice', {
    timeout: 60_000,
  }, async () => {
    const texts = [
      TABLE,
      SLOW,
      '-- tenantry: no-transaction\ncreate index concurrently fresh_done_idx on fresh (done)',
      'alter table fresh add column last int',
    ]
    const { settings, password } = console.database
    const options = { workers: 2, canary: { tenantIds: [] } }
    for (let round = 0; round < 4; round += 1) {
      const before = (await applied()).flat().length
      const child = fork(join(import.meta.dirname, 'testing', 'fleet-child.ts'), {
        env: { ...process.env, TENANTRY_CHILD: JSON.stringify({ settings, password, texts, options }) },
        stdio: 'inherit',
      })
      const exited = new Promise(resolve => child.once('exit', resolve))
      await Promise.race([
        exited,
        eventually(async () => {
          const ledgers = tenants.map(
            one => `select 1 from ${one.databaseSchema}.schema_migrations where version >= 1000`,
          )
          const own = await query(ledgers.join(' union all '))
          return (own.rowCount ?? 0) > before + round ? true : undefined
        }, 20_000),
      ])
      child.kill('SIGKILL')
      await exited
      // What the killed process was doing on the server ends by itself when its socket is found closed.
      await eventually(async () => {
        const left = await query(
          `select 1 from pg_stat_activity where application_name like 'tenantry%' and state <> 'idle' and datname = current_database()`,
        )
        return left.rowCount === 0 ? true : undefined
      })
    }
    await eventually(async () =>
      (await fleet.run(await withOwn(...texts)).catch(() => undefined)) === undefined ? undefined : true,
    )
    expect(await applied()).toEqual(ALL(1000, 1001, 1002, 1003))
    const invalid = await query('select 1 from pg_index where not indisvalid')
    expect(invalid.rowCount).toBe(0)
  })
})
