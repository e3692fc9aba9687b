import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { openWriteDb, type WriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { eventually } from '../../../testing/eventually.ts'
import { createTestConsole, type TestConsole } from '../../../testing/test-console.ts'
import { HOLD_NAME } from './hold.ts'
import { changedTables, readLiveState, type TableState } from './live-state.ts'
import { type HoldRequest, type SwapPlan, swap } from './swap.ts'

/** The schema of a second tenant stands for a restored one: it is as real as can be. */
let console: TestConsole
let pool: PostgresPool
let abort: AbortController
let db: WriteDb
let live: TenantRow
let incoming: string
let app: pg.Client
let count = 0

const job: JobControl = {
  progress: () => undefined,
  step: async (_name, work) => {
    abort.signal.throwIfAborted()
    return await work()
  },
  log: () => undefined,
  oneTimeSecret: () => '',
}

beforeAll(async () => {
  console = await createTestConsole({ passwordCost: 4 })
  pool = new PostgresPool(console.database.settings, console.database.password)
})
afterAll(async () => {
  await pool.close()
  await console[Symbol.asyncDispose]()
})
beforeEach(async () => {
  count += 1
  abort = new AbortController()
  db = openWriteDb({ pool: async () => pool, space: 'registry', schema: 'public', signal: abort.signal })
  live = await console.createTenant(`live-${count}`)
  incoming = (await console.createTenant(`incoming-${count}`)).databaseSchema
  app = new pg.Client({ connectionString: console.database.url, application_name: 'payroll app' })
  app.on('error', () => undefined)
  await app.connect()
})
afterEach(() => app.end())

const query = (text: string) => console.database.client.query(text)
const stateOf = (schema: string) => db.read(tx => readLiveState(tx, schema))
const kept = () => `${live.databaseSchema}_kept`
const addRole = (schema: string, name: string) => `insert into ${schema}.roles (name) values ('${name}')`

function planOf(change: Partial<SwapPlan> & { hold?: Partial<HoldRequest> } = {}): SwapPlan {
  const { hold, ...rest } = change
  return {
    tenant: live,
    incoming,
    kept: kept(),
    request: { hold: 'wait', lockTimeoutMs: 1_000, limitSeconds: 30, ...hold },
    checkIncoming: () => undefined,
    agree: async () => undefined,
    record: async () => undefined,
    ...rest,
  }
}
const run = (plan: SwapPlan) =>
  db.session(session => swap(session, { db, job, who: 'asha', signal: abort.signal }, plan))

/** Live is as it was, writable at once, and nothing of a hold is left. */
async function expectUntouched(before: TableState[]): Promise<void> {
  const again = openWriteDb({
    pool: async () => pool,
    space: 'registry',
    schema: 'public',
    signal: new AbortController().signal,
  })
  expect(await again.read(tx => readLiveState(tx, live.databaseSchema))).toEqual(before)
  await app.query(`set lock_timeout to 1000; begin; ${addRole(live.databaseSchema, 'probe')}; rollback`)
  const left = await query(`select 1 from pg_proc where proname = '${HOLD_NAME}'`)
  expect(left.rowCount).toBe(0)
  const schemas = await query(`select 1 from pg_namespace where nspname = '${kept()}'`)
  expect(schemas.rowCount).toBe(0)
}

describe.each(['wait', 'refuse'] as const)('a swap that makes writers %s', hold => {
  it('puts the incoming schema in the place of live, keeps live, and proves what is live', async () => {
    await query(addRole(incoming, 'restored'))
    const before = await stateOf(live.databaseSchema)
    const done = await run(planOf({ hold: { hold } }))
    expect(done.found).toEqual(done.expected)
    expect(await stateOf(live.databaseSchema)).toEqual(done.expected)
    expect(await stateOf(kept())).toEqual(before)
    const ledger = await query(`select count(*)::int as n from tenant_migrations where tenant_id = '${live.id}'`)
    expect(ledger.rows).toEqual([{ n: 4 }])
    await app.query(addRole(live.databaseSchema, 'afterwards'))
    expect((await query(`select 1 from pg_proc where proname = '${HOLD_NAME}'`)).rowCount).toBe(0)
  })

  it('verifies the rows of its own instant, whatever is written right after it', async () => {
    const record = async () => {
      // Sent while the tables are locked: it runs the moment the swap has committed.
      void app.query(addRole(live.databaseSchema, 'at once'))
      await eventually(async () => {
        const waiting = await query(
          `select 1 from pg_stat_activity where application_name = 'payroll app' and wait_event_type = 'Lock'`,
        )
        return waiting.rowCount === 1 ? true : undefined
      })
    }
    // A hold that refuses would turn the writer away before it waits; its triggers are gone by then.
    const done = await run(planOf({ hold: { hold }, record }))
    expect(done.found).toEqual(done.expected)
    const names = await query(`select name from ${live.databaseSchema}.roles where name = 'at once'`)
    expect(names.rowCount).toBe(1)
    expect((await query(`select 1 from ${kept()}.roles where name = 'at once'`)).rowCount).toBe(0)
  })

  it('shows the live rows of the instant to whoever has to agree', async () => {
    const before = await stateOf(live.databaseSchema)
    await query(addRole(live.databaseSchema, 'meanwhile'))
    const agree: SwapPlan['agree'] = async (_tx, now) => {
      expect(changedTables(before, now)).toEqual([{ table: 'roles', rowsBefore: '3', rowsNow: '4' }])
      throw new AppError('CONFLICT', 'declined')
    }
    const now = await stateOf(live.databaseSchema)
    await expect(run(planOf({ hold: { hold }, agree }))).rejects.toMatchObject({ message: 'declined' })
    await expectUntouched(now)
  })

  it('waits for a transaction that has written, no longer than the lock timeout, and names it', async () => {
    await app.query(`begin; ${addRole(live.databaseSchema, 'unfinished')}`)
    const started = performance.now()
    await expect(run(planOf({ hold: { hold, lockTimeoutMs: 300 } }))).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('payroll app'),
      details: { reason: 'tables-in-use' },
    })
    expect(performance.now() - started).toBeLessThan(5_000)
    await app.query('rollback')
    await expectUntouched(await stateOf(live.databaseSchema))
  })

  it('keeps writers out while it asks, and lets them in at the limit with nothing changed', async () => {
    const before = await stateOf(live.databaseSchema)
    const writing = Promise.withResolvers<unknown>()
    const agree: SwapPlan['agree'] = async (_tx, _live, deadline) => {
      app.query(addRole(live.databaseSchema, 'kept out')).then(() => writing.resolve('written'), writing.resolve)
      const left = Date.parse(deadline) - Date.now()
      expect(left).toBeLessThanOrEqual(1_500)
      await new Promise(resolve => setTimeout(resolve, left + 50))
    }
    await expect(run(planOf({ hold: { hold, limitSeconds: 1 }, agree }))).rejects.toMatchObject({
      code: 'TIMEOUT',
      details: { reason: 'hold-limit' },
    })
    const outcome = await writing.promise
    if (hold === 'wait') {
      expect(outcome).toBe('written')
      await query(`delete from ${live.databaseSchema}.roles where name = 'kept out'`)
    } else expect(outcome).toMatchObject({ code: '25006', message: expect.stringContaining('being restored') })
    await expectUntouched(before)
  })

  it('changes nothing when it is cancelled while it asks', async () => {
    const before = await stateOf(live.databaseSchema)
    const agree: SwapPlan['agree'] = async () => {
      abort.abort()
      abort.signal.throwIfAborted()
    }
    await expect(run(planOf({ hold: { hold }, agree }))).rejects.toMatchObject({ code: 'CANCELLED' })
    await expectUntouched(before)
  })

  it('changes nothing when what belongs to the swap cannot be written', async () => {
    const before = await stateOf(live.databaseSchema)
    const record: SwapPlan['record'] = async tx => void (await tx.run({ text: 'insert into no_such_table values (1)' }))
    await expect(run(planOf({ hold: { hold }, record }))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expectUntouched(before)
  })

  it('refuses rows that are not those that were confirmed', async () => {
    const before = await stateOf(live.databaseSchema)
    const checkIncoming = () => {
      throw new AppError('CONFLICT', 'other rows')
    }
    await expect(run(planOf({ hold: { hold }, checkIncoming }))).rejects.toMatchObject({ message: 'other rows' })
    await expectUntouched(before)
  })
})

describe('what applications hold on to', () => {
  it('prepared statements find the restored rows after the swap', async () => {
    await app.query(`set search_path to ${live.databaseSchema}`)
    const names = { name: 'names', text: 'select name from roles order by name' }
    await app.query(names)
    await query(addRole(incoming, 'a restored one'))
    await run(planOf())
    expect((await app.query(names)).rows[0]).toEqual({ name: 'a restored one' })
  })

  it('a transaction that only read keeps the tables; the swap gives up and says so', async () => {
    await app.query(`begin; select 1 from ${live.databaseSchema}.roles`)
    await expect(run(planOf({ hold: { lockTimeoutMs: 300 } }))).rejects.toMatchObject({
      details: { reason: 'tables-in-use' },
    })
    await app.query('rollback')
    await expectUntouched(await stateOf(live.databaseSchema))
  })

  it('owners, privileges and default privileges follow to the restored schema', async () => {
    const { rows } = await query(`select 'r_' || substr(md5(random()::text), 1, 12) as role`)
    const role: string = rows[0].role
    const schema = live.databaseSchema
    await query(`create role ${role} login; create role ${role}_o;
      grant usage on schema ${schema} to ${role}; grant select, insert on all tables in schema ${schema} to ${role};
      grant update (name) on ${schema}.roles to ${role} with grant option; revoke all on ${schema}.payroll from ${role};
      alter table ${schema}.departments owner to ${role}_o;
      alter default privileges in schema ${schema} grant select on tables to ${role}`)
    const privileges = `select c.relname, c.relowner::regrole::text as owner,
        (select array_agg(x::text order by x::text) from unnest(c.relacl) x) as acl,
        (select array_agg(a.attname || a.attacl::text order by a.attname) from pg_attribute a where a.attrelid = c.oid and a.attacl is not null) as columns
      from pg_class c where c.relnamespace = '${schema}'::regnamespace and c.relkind = 'r' order by 1`
    const before = (await query(privileges)).rows
    const usage = `select has_schema_privilege('${role}', '${schema}', 'usage') as usage`
    await run(planOf())
    expect((await query(privileges)).rows).toEqual(before)
    expect((await query(usage)).rows).toEqual([{ usage: true }])
    await query(`create table ${schema}.made_later (id int)`)
    const later = await query(`select has_table_privilege('${role}', '${schema}.made_later', 'select') as ok`)
    expect(later.rows).toEqual([{ ok: true }])
    await query(`drop owned by ${role}, ${role}_o cascade; drop role ${role}; drop role ${role}_o`)
  })

  it('refuses while a view or a publication outside the tenant uses its tables, and names them', async () => {
    const before = await stateOf(live.databaseSchema)
    await query(`create view public.everybody as select email from ${live.databaseSchema}.users;
      create publication changes for table ${live.databaseSchema}.users`)
    await expect(run(planOf())).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'dependents', dependents: ['publication changes', 'view public.everybody'] },
    })
    await query('drop view public.everybody; drop publication changes')
    await expectUntouched(before)
  })

  it('what a dead console left refuses nothing after its limit, and is taken away by the next swap', async () => {
    const schema = live.databaseSchema
    await query(`create function ${schema}.${HOLD_NAME}() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger ${HOLD_NAME} before insert on ${schema}.roles for each statement execute function ${schema}.${HOLD_NAME}()`)
    await run(planOf())
    expect((await query(`select 1 from pg_proc where proname = '${HOLD_NAME}'`)).rowCount).toBe(0)
  })
})
