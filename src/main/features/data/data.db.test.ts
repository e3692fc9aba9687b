import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataCell } from '#shared/contract/data.ts'
import type { InputOf, OutputOf } from '#shared/contract/index.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'
import { MASK } from './masking.ts'

let console: TestConsole
let tenant: TenantRow
beforeAll(async () => {
  console = await createTestConsole()
  tenant = await console.createTenant('browse')
  await console.database.client.query(`
    set search_path to ${tenant.databaseSchema}, extensions;
    create table odd ("we;ird ""name" text, id int, part int, note text, amount numeric(14,2), at timestamptz, doc jsonb, sort_me int, primary key (part, id));
    create index on odd (sort_me);
    create table "ta""ble; drop" (id int primary key);
    create table keyless (id int);
    insert into odd select 'w' || i, i, i % 3, case i % 4 when 0 then null when 1 then '' else 'note ' || i end, i * 1.10,
      '2026-01-01 00:00:00.123456+00'::timestamptz + i * interval '1 hour', jsonb_build_object('i', i), case when i % 5 = 0 then null else i % 7 end
      from generate_series(1, 200) i;
    insert into odd (id, part, note) values (1000, 9, repeat('long ', 100000));
    insert into users (email, password_hash, first_name, last_name) values ('secret@browse.example', 'clear-hash', 'A', 'B');
    insert into employees (user_id, employee_code, email, pan, aadhaar, bank_account, ifsc_code, date_of_joining)
      select id, 'E1', email, 'ABCDE1234F', '123412341234', '9988776655', null, '2026-01-01' from users where email = 'secret@browse.example';
    reset search_path`)
})
afterAll(() => console[Symbol.asyncDispose]())

type Page = OutputOf<'data.page'>
const page = (request: Omit<InputOf<'data.page'>, 'environmentId' | 'tenantId'>): Promise<Page> =>
  console.client.call('data.page', { environmentId: console.environment.id, tenantId: tenant.id, ...request })

const column = (answer: Page, name: string): DataCell[] => {
  const index = answer.columns.findIndex(candidate => candidate.name === name)
  return answer.rows.map(row => row[index] ?? null)
}

async function walk(request: Omit<InputOf<'data.page'>, 'environmentId' | 'tenantId'>): Promise<Page> {
  let answer = await page(request)
  const rows = [...answer.rows]
  while (answer.nextCursor !== null) {
    answer = await page({ ...request, cursor: answer.nextCursor })
    rows.push(...answer.rows)
  }
  return { ...answer, rows }
}

describe('a page of a tenant’s table', () => {
  it('comes in the order of the primary key, whole, without repeats', async () => {
    const answer = await walk({ table: 'odd', limit: 17 })
    const keys = answer.rows.map((_, index) => `${column(answer, 'part')[index]}/${column(answer, 'id')[index]}`)
    expect(keys).toHaveLength(201)
    expect(new Set(keys).size).toBe(201)
  })

  it.each(['asc', 'desc'] as const)('sorts an indexed column with NULLs %s without losing a row', async direction => {
    const answer = await walk({ table: 'odd', sort: 'sort_me', direction, limit: 13 })
    expect(answer.rows).toHaveLength(201)
    const values = column(answer, 'sort_me')
    const nulls = values.filter(value => value === null).length
    const run = direction === 'asc' ? values.slice(-nulls) : values.slice(0, nulls)
    expect(nulls).toBe(41)
    expect(run.every(value => value === null)).toBe(true)
    const rest = values.filter(value => value !== null).map(Number)
    expect(rest).toEqual([...rest].sort((a, b) => (direction === 'asc' ? a - b : b - a)))
  })

  it('tells NULL from an empty text and keeps every digit', async () => {
    const answer = await page({ table: 'odd', limit: 5 })
    expect(new Set(column(answer, 'note').map(value => (value === null ? 'null' : value)))).toContain('null')
    const first = await walk({ table: 'odd' })
    expect(column(first, 'note')).toContain('')
    expect(column(first, 'amount')).toContain('3.30')
    expect(column(first, 'at')).toContain('2026-01-01 01:00:00.123456+00')
    expect(column(first, 'doc')).toContain('{"i": 7}')
    expect(answer.columns.find(candidate => candidate.name === 'amount')?.type).toBe('numeric(14,2)')
    expect(answer.columns.find(candidate => candidate.name === 'note')?.nullable).toBe(true)
  })

  it('cuts a long value and says its size', async () => {
    const cut = column(await walk({ table: 'odd' }), 'note').find(value => typeof value === 'object' && value !== null)
    expect(cut).toMatchObject({ bytes: 500_000 })
  })

  it('ends before it grows too large, and goes on from there', async () => {
    await console.database.client.query(
      `create table ${tenant.databaseSchema}.wide (id int primary key, a text, b text);
       insert into ${tenant.databaseSchema}.wide select i, repeat('a', 1900), repeat('b', 1900) from generate_series(1, 400) i`,
    )
    const first = await page({ table: 'wide', limit: 400 })
    expect(first.rows.length).toBeLessThan(200)
    expect(JSON.stringify(first).length).toBeLessThan(1_048_576)
    expect((await walk({ table: 'wide', limit: 400 })).rows).toHaveLength(400)
  })

  it('never sends personal columns in clear, in any answer, and refuses to sort by them', async () => {
    const answer = await page({ table: 'employees' })
    expect(column(answer, 'pan')).toEqual([MASK])
    expect(column(answer, 'aadhaar')).toEqual([MASK])
    expect(column(answer, 'bank_account')).toEqual([MASK])
    const users = await page({ table: 'users' })
    expect(new Set(column(users, 'password_hash'))).toEqual(new Set([MASK]))
    for (const clear of ['ABCDE1234F', '123412341234', '9988776655', 'clear-hash']) {
      expect(JSON.stringify([answer, users])).not.toContain(clear)
    }
    await expect(page({ table: 'employees', sort: 'pan' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('takes hostile table and column names as names', async () => {
    const answer = await page({ table: 'odd', limit: 1 })
    expect(answer.columns[0]?.name).toBe('we;ird "name')
    expect((await page({ table: 'ta"ble; drop' })).rows).toEqual([])
    const missing = page({ table: 'users; drop table users' })
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(page({ table: 'odd', sort: 'note"; drop' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it.each(['a.b', '..', 'x as y', 'q?x', ' lead', 'trail ', '$1', '??'])(
    'reads a table and a column named %j',
    async name => {
      const quoted = `"${name}"`
      await console.database.client.query(
        `create table ${tenant.databaseSchema}.${quoted} (id int primary key, ${quoted} int unique);
       insert into ${tenant.databaseSchema}.${quoted} values (1, 10), (2, 20), (3, null)`,
      )
      const answer = await walk({ table: name, sort: name, direction: 'desc', limit: 1 })
      expect(column(answer, name)).toEqual([null, '20', '10'])
    },
  )

  it('reads its own table when that bears the name of another tenant’s', async () => {
    const other = await console.createTenant('neighbour')
    const name = `${other.databaseSchema}.users`
    await console.database.client.query(
      `create table ${tenant.databaseSchema}."${name}" (id int primary key, password_hash text);
       insert into ${tenant.databaseSchema}."${name}" values (7, 'mine')`,
    )
    const answer = await page({ table: name })
    expect(column(answer, 'id')).toEqual(['7'])
    expect(column(answer, 'password_hash')).toEqual([MASK])
  })

  it('refuses a sort without an index, and a table without a key', async () => {
    await expect(page({ table: 'odd', sort: 'note' })).rejects.toMatchObject({
      details: { fields: { sort: expect.any(String) } },
    })
    await expect(page({ table: 'keyless' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('does not reach another schema', async () => {
    await expect(page({ table: 'tenants' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(page({ table: 'pg_class' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('the tables of a tenant', () => {
  it('come with estimate and size', async () => {
    await console.database.client.query(`analyze ${tenant.databaseSchema}.odd`)
    const target = { environmentId: console.environment.id, tenantId: tenant.id }
    const tables = await console.client.call('data.tables', target)
    expect(tables.find(table => table.name === 'odd')).toMatchObject({ rowsEstimate: '201' })
    expect(Number(tables.find(table => table.name === 'odd')?.sizeBytes)).toBeGreaterThan(8_192)
    expect(tables.map(table => table.name)).toContain('employee_leave_balance')
  })
})
