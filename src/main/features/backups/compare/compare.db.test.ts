import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Comparison, DifferencePage } from '#shared/contract/backup.model.ts'
import { newId } from '#shared/ids.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { openReadDb, openWriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { createTestDatabase, type TestDatabase } from '../../../testing/test-database.ts'
import { MASK } from '../../data/masking.ts'
import { type Archive, openArchive } from '../archive/reader.ts'
import { writeTestArchive } from '../testing/write-archive.ts'
import { CompareService } from './compare.service.ts'

const never = new AbortController().signal
const LABELS = { left: 'archive', right: 'other' }
const OWNER = 'environment/tenant'

let database: TestDatabase
let pool: PostgresPool
let folder: string
let service: CompareService
beforeAll(async () => {
  database = await createTestDatabase()
  pool = new PostgresPool(database.settings, database.password)
  folder = await mkdtemp(join(tmpdir(), 'tenantry-compare-'))
})
afterAll(async () => {
  await pool.close()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

type Kind = 'onlyLeft' | 'onlyRight' | 'changed'

describe.each(['folder', 's3'] as const)('comparing an archive in a store: %s', kind => {
  let store: BackupStore
  let schema: string
  let archives: Archive[] = []
  let answers: unknown[] = []
  beforeAll(() => {
    const s3 = realS3()
    store =
      kind === 'folder' ? openBackupStore({ kind, path: folder }, undefined) : openBackupStore(s3.settings, s3.secret)
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    schema = `compare_${newId().slice(0, 8)}`
    await database.client.query(`create schema ${schema}; set search_path to ${schema}`)
    service = new CompareService({ directory: join(folder, 'comparisons') })
    archives = []
    answers = []
  })
  afterEach(async () => {
    await service.close()
    await database.client.query(`drop schema ${schema} cascade`)
    for (const { prefix } of archives) {
      for await (const object of store.listAll(prefix)) await store.delete([object.key], never)
    }
  })

  const sql = (text: string) => database.client.query(text)
  const archive = async (): Promise<Archive> => {
    const opened = await openArchive(store, await writeTestArchive({ url: database.url, schema, store }), never)
    archives.push(opened)
    return opened
  }
  const binding = (signal: AbortSignal) => ({ pool: async () => pool, space: 'tenant' as const, schema, signal })
  const live = (signal = never) => ({ db: openWriteDb(binding(signal)), schema })
  const compare = async (left: Archive, right: Archive | ReturnType<typeof live> = live()): Promise<Comparison> => {
    const report = await service.compare({ owner: OWNER, left, right, labels: LABELS }, never)
    answers.push(report)
    return report
  }
  const tableOf = (report: Comparison, name: string) => report.tables.find(table => table.table === name)
  const rowsOf = async (
    report: Comparison,
    sides: { left: Archive; right?: Archive },
    [table, which]: [string, Kind],
  ) => {
    const right = sides.right ?? openReadDb(binding(never))
    const rows: DifferencePage['rows'] = []
    let cursor: string | undefined
    for (;;) {
      const request = { comparisonId: report.comparisonId, owner: OWNER, table, kind: which, limit: 200, cursor }
      const page: DifferencePage = await service.rows(request, { left: sides.left, right }, never)
      answers.push(page)
      rows.push(...page.rows)
      if (page.nextCursor === null) return { columns: page.columns, rows }
      cursor = page.nextCursor
    }
  }
  const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => String(from + index))

  it('finds every one of a known number of differences in 200,000 rows', async () => {
    await sql(`create table log (id int primary key, who uuid default gen_random_uuid(), note text, at timestamptz default now());
      insert into log (id, note) select i, 'note ' || i from generate_series(1, 200000) i`)
    const first = await archive()
    expect(tableOf(await compare(first), 'log')).toMatchObject({
      state: 'equal',
      leftRows: '200000',
      rightRows: '200000',
    })
    await sql(`delete from log where id between 1001 and 1300;
      update log set note = note || '!' where id between 5001 and 5500;
      update log set at = null, note = 'x' where id between 150001 and 150010;
      insert into log (id, note) select i, 'new ' || i from generate_series(300001, 300700) i`)
    const counts = { state: 'different', onlyLeft: '300', onlyRight: '700', changed: '510', hasKey: true, note: null }
    const report = await compare(first)
    expect(tableOf(report, 'log')).toMatchObject({ ...counts, leftRows: '200000', rightRows: '200400' })
    const second = await archive()
    const between = await compare(first, second)
    expect(tableOf(between, 'log')).toMatchObject({ ...counts, leftRows: '200000', rightRows: '200400' })
    for (const [each, sides] of [
      [report, { left: first }],
      [between, { left: first, right: second }],
    ] as const) {
      const gone = await rowsOf(each, sides, ['log', 'onlyLeft'])
      expect(gone.rows.map(row => row.left?.[0])).toEqual(range(1001, 300))
      expect(gone.rows.every(row => row.right === null && row.changed.length === 0)).toBe(true)
      const added = await rowsOf(each, sides, ['log', 'onlyRight'])
      expect(added.rows.map(row => row.right?.[0])).toEqual(range(300001, 700))
      const changed = await rowsOf(each, sides, ['log', 'changed'])
      expect(changed.rows.map(row => row.left?.[0])).toEqual([...range(5001, 500), ...range(150001, 10)])
      expect(changed.rows.map(row => row.right?.[0])).toEqual(changed.rows.map(row => row.left?.[0]))
      expect(changed.rows[0]).toMatchObject({ changed: ['note'], left: expect.arrayContaining(['note 5001']) })
      expect(changed.rows[0]?.right?.[2]).toBe('note 5001!')
      expect(changed.rows.at(-1)).toMatchObject({ changed: ['note', 'at'] })
      expect(changed.rows.at(-1)?.right?.[3]).toBeNull()
    }
  }, 60_000)

  it('compares rows by key whatever their order, and composite, hostile and citext-like keys', async () => {
    await sql(`create table parts (b text, a int, v text, primary key (a, b));
      insert into parts select E'k\\t''"' || i, i % 7, 'v' from generate_series(1, 3000) i`)
    const first = await archive()
    await sql(`create table copy as select * from parts order by random(); truncate parts; insert into parts select * from copy;
      drop table copy; update parts set v = E'\\\\N' where b like '%99'; delete from parts where b like '%500'`)
    const report = await compare(first)
    expect(tableOf(report, 'parts')).toMatchObject({ changed: '30', onlyLeft: '3', onlyRight: '0' })
    const second = await archive()
    for (const sides of [{ left: first }, { left: first, right: second }]) {
      const each = sides.right === undefined ? report : await compare(first, sides.right)
      const { rows } = await rowsOf(each, sides, ['parts', 'changed'])
      expect(rows).toHaveLength(30)
      expect(rows.every(row => row.right?.[2] === '\\N' && row.left?.[0] === row.right[0])).toBe(true)
    }
    expect((await rowsOf(report, { left: first }, ['parts', 'onlyLeft'])).rows.map(row => row.left?.[0])).toEqual(
      expect.arrayContaining([`k\t'"500`, `k\t'"1500`, `k\t'"2500`]),
    )
  })

  it('compares rows without key as often as they occur', async () => {
    await sql(`create table loose (v text); insert into loose select 'v' || i % 10 from generate_series(1, 100) i`)
    const first = await archive()
    await sql(
      `delete from loose where ctid in (select ctid from loose where v = 'v3' limit 4); insert into loose values ('v3b'), ('v4'), ('v4')`,
    )
    const report = await compare(first)
    expect(tableOf(report, 'loose')).toMatchObject({ onlyLeft: '4', onlyRight: '3', changed: '0', hasKey: false })
    expect((await rowsOf(report, { left: first }, ['loose', 'onlyLeft'])).rows.map(row => row.left)).toEqual(
      Array(4).fill(['v3']),
    )
    const added = (await rowsOf(report, { left: first }, ['loose', 'onlyRight'])).rows.map(row => row.right)
    expect(added.sort()).toEqual([['v3b'], ['v4'], ['v4']])
  })

  it('compares what columns both sides have, and names the others', async () => {
    await sql(`create table people (id int primary key, old text, name text, size int);
      create table dropped (id int primary key); insert into dropped values (1), (2);
      insert into people select i, 'old', 'name ' || i, i from generate_series(1, 100) i`)
    const first = await archive()
    await sql(`alter table people drop column old; alter table people add column fresh text default 'f';
      alter table people alter column size type bigint; drop table dropped; create table made (id int);
      insert into made values (1), (2), (3); update people set name = 'changed' where id = 7; delete from people where id = 8;
      insert into people values (900, 'n', 1, 'f')`)
    const report = await compare(first)
    expect(tableOf(report, 'people')).toMatchObject({ onlyLeft: '1', onlyRight: '1', changed: '1' })
    expect(tableOf(report, 'people')?.note).toBe(
      'Only left has the column old. Only right has the column fresh. size is integer left, bigint right.',
    )
    expect(tableOf(report, 'dropped')).toMatchObject({
      state: 'only-left',
      leftRows: '2',
      rightRows: null,
      onlyLeft: '2',
    })
    expect(tableOf(report, 'made')).toMatchObject({
      state: 'only-right',
      leftRows: null,
      rightRows: '3',
      onlyRight: '3',
    })
    const changed = await rowsOf(report, { left: first }, ['people', 'changed'])
    expect(changed.columns.map(column => column.name)).toEqual(['id', 'name', 'size'])
    expect(changed.rows).toEqual([{ left: ['7', 'name 7', '7'], right: ['7', 'changed', '7'], changed: ['name'] }])
    const gone = await rowsOf(report, { left: first }, ['people', 'onlyLeft'])
    expect(gone.rows).toEqual([{ left: ['8', 'old', 'name 8', '8'], right: null, changed: [] }])
    const added = await rowsOf(report, { left: first }, ['people', 'onlyRight'])
    expect(added.rows).toEqual([{ left: null, right: ['900', 'n', '1', 'f'], changed: [] }])
    await expect(rowsOf(report, { left: first }, ['made', 'onlyRight'])).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('never shows personal data, and says that it changed', async () => {
    const planted = ['PLANTED-PAN', 'PLANTED-NEW', '123412341234', 'PLANTED-KEY', 'PLANTED-LOOSE', 'PLANTED-HASH']
    await sql(`create table people (id int primary key, pan text, aadhaar varchar(12), password_hash char(20), name text);
      insert into people values (1, 'PLANTED-PAN', '123412341234', 'PLANTED-HASH', 'a'), (2, 'PLANTED-PAN', null, null, 'b'), (3, 'PLANTED-PAN', null, 'PLANTED-HASH', 'c'),
        (4, 'PLANTED-PAN', null, 'PLANTED-HASH', 'd');
      create table keyed (pan text primary key, v int); insert into keyed values ('PLANTED-KEY', 1), ('PLANTED-KEY2', 1), ('PLANTED-KEY3', 1);
      create table loose (bank_account text, v int); insert into loose values ('PLANTED-LOOSE', 1)`)
    const first = await archive()
    await sql(`update people set pan = 'PLANTED-NEW' where id = 1; update people set pan = null, name = 'B' where id = 2; delete from people where id = 3;
      insert into people values (9, 'PLANTED-NEW', null, 'PLANTED-HASH', 'z');
      update keyed set v = 2 where pan = 'PLANTED-KEY'; delete from keyed where pan = 'PLANTED-KEY2'; insert into keyed values ('PLANTED-KEY4', 4);
      insert into loose values ('PLANTED-LOOSE', 2); delete from loose where v = 1`)
    const second = await archive()
    for (const sides of [{ left: first }, { left: first, right: second }]) {
      const report = await compare(first, sides.right ?? live())
      const changed = await rowsOf(report, sides, ['people', 'changed'])
      expect(changed.rows).toEqual([
        { left: ['1', MASK, MASK, MASK, 'a'], right: ['1', MASK, MASK, MASK, 'a'], changed: ['pan'] },
        { left: ['2', MASK, null, null, 'b'], right: ['2', null, null, null, 'B'], changed: ['pan', 'name'] },
      ])
      expect((await rowsOf(report, sides, ['people', 'onlyLeft'])).rows).toMatchObject([
        { left: ['3', MASK, null, MASK, 'c'] },
      ])
      expect((await rowsOf(report, sides, ['people', 'onlyRight'])).rows).toMatchObject([
        { right: ['9', MASK, null, MASK, 'z'] },
      ])
      expect((await rowsOf(report, sides, ['keyed', 'changed'])).rows).toEqual([
        { left: [MASK, '1'], right: [MASK, '2'], changed: ['v'] },
      ])
      expect((await rowsOf(report, sides, ['keyed', 'onlyLeft'])).rows).toMatchObject([{ left: [MASK, '1'] }])
      expect((await rowsOf(report, sides, ['keyed', 'onlyRight'])).rows).toMatchObject([{ right: [MASK, '4'] }])
      expect((await rowsOf(report, sides, ['loose', 'onlyRight'])).rows).toMatchObject([{ right: [MASK, '2'] }])
    }
    for (const clear of planted) expect(JSON.stringify(answers)).not.toContain(clear)
  })

  it('tells huge values apart by their last byte, and shows their beginning', async () => {
    await sql(`create table large (id int primary key, body text, doc jsonb);
      insert into large select i, repeat('é', 5000000) || i, null from generate_series(1, 3) i;
      insert into large values (7, repeat('w', 3000), '{"a": "b\\tc"}')`)
    const first = await archive()
    await sql(`update large set body = repeat('é', 5000000) || 'x' where id = 2; update large set body = repeat('w', 3001) where id = 7;
      update large set doc = '{}' where id = 3; insert into large values (9, repeat('n', 200000), null)`)
    const second = await archive()
    for (const sides of [{ left: first }, { left: first, right: second }]) {
      const report = await compare(first, sides.right ?? live())
      expect(tableOf(report, 'large')).toMatchObject({ changed: '3', onlyRight: '1', onlyLeft: '0' })
      const { rows } = await rowsOf(report, sides, ['large', 'changed'])
      expect(rows.map(row => [row.left?.[0], row.changed])).toEqual([
        ['2', ['body']],
        ['3', ['doc']],
        ['7', ['body']],
      ])
      const long = { preview: 'é'.repeat(2_000), bytes: 10_000_001 }
      expect(rows[0]).toMatchObject({ left: ['2', long, null], right: ['2', long, null] })
      expect(rows[2]).toMatchObject({
        left: ['7', { bytes: 3_000 }, '{"a": "b\\tc"}'],
        right: ['7', { bytes: 3_001 }, expect.anything()],
      })
      const added = await rowsOf(report, sides, ['large', 'onlyRight'])
      expect(added.rows[0]?.right?.[1]).toEqual({ preview: 'n'.repeat(2_000), bytes: 200_000 })
    }
  }, 60_000)

  it('compares one instant of live, and shows a row that is gone since as gone', async () => {
    await sql(
      `create table log (id int primary key, v text); insert into log select i, 'v' from generate_series(1, 1000) i`,
    )
    const first = await archive()
    await sql(`update log set v = 'w' where id in (5, 6, 7); insert into log values (2000, 'new'), (2001, 'new')`)
    const report = await compare(first)
    await sql(`delete from log where id in (6, 2000); update log set v = 'v' where id = 7`)
    expect((await rowsOf(report, { left: first }, ['log', 'changed'])).rows).toEqual([
      { left: ['5', 'v'], right: ['5', 'w'], changed: ['v'] },
      { left: ['6', 'v'], right: null, changed: [] },
      { left: ['7', 'v'], right: ['7', 'v'], changed: [] },
    ])
    expect((await rowsOf(report, { left: first }, ['log', 'onlyRight'])).rows.map(row => row.right)).toEqual([
      null,
      ['2001', 'new'],
    ])
  })

  it('does not compare with a damaged archive, and leaves nothing behind', async () => {
    await sql(
      `create table log (id int primary key, v text); insert into log select i, md5(i::text) from generate_series(1, 5000) i`,
    )
    const first = await archive()
    await sql(`update log set v = 'w' where id = 5`)
    const key = `${first.prefix}${first.table('log').object?.name}`
    const parts: Buffer[] = []
    for await (const part of await store.get(key, never)) parts.push(part as Buffer)
    const bytes = Buffer.concat(parts)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4
    await store.put(key, bytes, never)
    await expect(compare(first)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'archive-damaged' } })
    const [run] = await readdir(join(folder, 'comparisons'))
    expect(await readdir(join(folder, 'comparisons', run ?? ''))).toEqual([])
    // The connection is of use again.
    await openReadDb(binding(never)).read(tx => tx.rows({ text: 'select 1 as one' }))
  })

  it('fails with a coded error when PostgreSQL ends the connection, and leaves nothing behind', async () => {
    await sql(
      `create table log (id int primary key, v text); insert into log select i, repeat(md5(i::text), 20) from generate_series(1, 40000) i`,
    )
    const first = await archive()
    let killing: Promise<unknown> | undefined
    const kill = () => {
      killing ??= database.client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and query like 'COPY %'`,
      )
    }
    const request = { owner: OWNER, left: first, right: live(), labels: LABELS }
    await expect(service.compare(request, never, kill)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    await killing
    const [run] = await readdir(join(folder, 'comparisons'))
    expect(await readdir(join(folder, 'comparisons', run ?? ''))).toEqual([])
    expect(tableOf(await compare(first), 'log')).toMatchObject({ state: 'equal' })
  })

  it('answers only its owner, for the archives that were compared, with its own cursors', async () => {
    await sql(
      `create table log (id int primary key, v text); insert into log select i, 'v' from generate_series(1, 50) i`,
    )
    const first = await archive()
    await sql(`delete from log`)
    const report = await compare(first)
    const second = await archive()
    const right = openReadDb(binding(never))
    const request = {
      comparisonId: report.comparisonId,
      owner: OWNER,
      table: 'log',
      kind: 'onlyLeft' as const,
      limit: 20,
    }
    expect(service.sidesOf(report.comparisonId, OWNER)).toEqual({ left: first.prefix, right: null })
    const ask = (change: Partial<typeof request> & { cursor?: string }, left = first) =>
      service.rows({ ...request, ...change }, { left, right }, never)
    const page = await ask({})
    expect(page.rows).toHaveLength(20)
    await expect(ask({ owner: 'another' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(ask({ comparisonId: newId() })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(ask({ table: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(ask({}, second)).rejects.toMatchObject({ code: 'CONFLICT' })
    const other = { ...request, kind: 'changed' as const, cursor: page.nextCursor ?? '' }
    await expect(service.rows(other, { left: first, right }, never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(ask({ cursor: '../x' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('tells how far it is, up to the end', async () => {
    await sql(`create table a (id int primary key, v text); create table b (id int primary key); create table c (id int);
      insert into a select i, md5(i::text) from generate_series(1, 20000) i; insert into b select * from generate_series(1, 9)`)
    const first = await archive()
    await sql(`drop table c; update a set v = 'x' where id = 5`)
    const seen: { done: number; total: number }[] = []
    const request = { owner: OWNER, left: first, right: live(), labels: LABELS }
    await service.compare(request, never, progress => seen.push(progress))
    expect(seen.every(({ done, total }, index) => done <= total && done >= (seen[index - 1]?.done ?? 0))).toBe(true)
    expect(seen.at(-1)?.done).toBe(seen[0]?.total)
  })

  it('ends at once when it is cancelled', async () => {
    await sql(
      `create table log (id int primary key, v text); insert into log select i, md5(i::text) from generate_series(1, 100000) i`,
    )
    const first = await archive()
    await sql(`update log set v = 'w' where id = 5`)
    const controller = new AbortController()
    const request = { owner: OWNER, left: first, right: live(controller.signal), labels: LABELS }
    const comparing = service.compare(request, controller.signal, () => controller.abort())
    await expect(comparing).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(tableOf(await compare(first), 'log')).toMatchObject({ changed: '1' })
  })
})
