import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { eventually } from '../../../testing/eventually.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { createTestDatabase, type TestDatabase } from '../../../testing/test-database.ts'
import { MASK } from '../../data/masking.ts'
import { type Archive, openArchive } from '../archive/reader.ts'
import { writeTestArchive } from '../testing/write-archive.ts'
import { type ArchivePage, archiveTables, BrowseService } from './browse.service.ts'

const never = new AbortController().signal
const PLANTED = ['ABCDE1234F', '123412341234', '9988776655', 'clear-hash']
const ROWS = 60_000

let database: TestDatabase
let folder: string
const schema = `browse_${newId().slice(0, 8)}`
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'tenantry-browse-'))
  await database.client.query(`
    create schema ${schema};
    set search_path to ${schema};
    create table log (id int primary key, note text, at timestamptz);
    insert into log select i, case i % 3 when 0 then null when 1 then '' else E'tab\\t and \\n ' || i end,
      '2026-01-01 00:00:00.123456+00'::timestamptz + i * interval '1 s' from generate_series(1, ${ROWS}) i;
    create table employees (id uuid primary key, email text, pan text, aadhaar text, bank_account text, "Password_Hash" text);
    insert into employees values ('1f3a9c0e-0000-4000-8000-000000000001', 'a@b.example', 'ABCDE1234F', '123412341234', '9988776655', 'clear-hash'),
      ('1f3a9c0e-0000-4000-8000-000000000002', null, null, null, null, null);
    create table parts (a text, b int, primary key (b, a));
    insert into parts values ('x', 1), (E'y\\tz', 1), ('x', 2);
    create table large (id int primary key, body text);
    insert into large values (1, repeat('é', 400000)), (2, repeat('b', 3000)), (3, 'short');
    create table wide (id int primary key, body text);
    insert into wide select i, repeat('w', 1990) from generate_series(1, 900) i;
    create table keyless (pan text);
    create table empty (id int primary key);
    create table secret (pan text primary key);
    insert into secret values ('ABCDE1234F')`)
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe.each(['folder', 's3'] as const)('a page of an archived table in a store: %s', kind => {
  let store: BackupStore
  let archive: Archive
  const service = new BrowseService()
  const answers: ArchivePage[] = []
  beforeAll(async () => {
    const s3 = realS3()
    store =
      kind === 'folder' ? openBackupStore({ kind, path: folder }, undefined) : openBackupStore(s3.settings, s3.secret)
    archive = await openArchive(store, await writeTestArchive({ url: database.url, schema, store }), never)
  })
  afterAll(async () => {
    await service.close()
    for await (const object of store.listAll(archive.prefix)) await store.delete([object.key], never)
    await store.close()
  })
  const page = async (table: string, rest: { limit?: number; cursor?: string; key?: string[] } = {}) => {
    const answer = await service.page({ storeId: 'here', archive }, { table, limit: 200, ...rest }, never)
    answers.push(answer)
    return answer
  }

  it('walks a table to its end without a repeat, reading it once', async () => {
    const ids: unknown[] = []
    let answer = await page('log', { limit: 997 })
    const before = service.openReaders
    for (;;) {
      ids.push(...answer.rows.map(row => row[0]))
      if (answer.nextCursor === null) break
      expect(service.openReaders).toBe(before)
      answer = await page('log', { limit: 997, cursor: answer.nextCursor })
    }
    expect(ids).toEqual(Array.from({ length: ROWS }, (_, index) => String(index + 1)))
    expect(service.openReaders).toBe(before - 1)
  })

  it('finds a deep page from the beginning when no stream stands there', async () => {
    let answer = await page('log', { limit: 1000 })
    for (let index = 0; index < 40; index++)
      answer = await page('log', { limit: 1000, cursor: answer.nextCursor ?? '' })
    const cursor = answer.nextCursor ?? ''
    const warm = await page('log', { limit: 3, cursor })
    const cold = await new BrowseService().page({ storeId: 'here', archive }, { table: 'log', limit: 3, cursor }, never)
    expect(cold.rows).toEqual(warm.rows)
    expect(warm.rows[0]?.[0]).toBe('41001')
    // Asked again, the stream has moved on.
    expect((await page('log', { limit: 3, cursor })).rows).toEqual(warm.rows)
  })

  it('shows values as PostgreSQL writes them, and tells NULL from an empty text', async () => {
    const { rows, columns } = await page('log', { limit: 3 })
    expect(rows).toEqual([
      ['1', '', '2026-01-01 00:00:01.123456+00'],
      ['2', 'tab\t and \n 2', '2026-01-01 00:00:02.123456+00'],
      ['3', null, '2026-01-01 00:00:03.123456+00'],
    ])
    expect(columns[2]).toEqual({ name: 'at', type: 'timestamp with time zone', isPrimaryKey: false, isMasked: false })
  })

  it('never holds personal data', async () => {
    const { rows } = await page('employees')
    expect(rows[0]).toEqual(['1f3a9c0e-0000-4000-8000-000000000001', 'a@b.example', MASK, MASK, MASK, MASK])
    expect(rows[1]?.slice(1)).toEqual([null, null, null, null, null])
    await page('employees', { key: ['1f3a9c0e-0000-4000-8000-000000000001'] })
    expect((await page('secret')).rows).toEqual([[MASK]])
    await expect(page('secret', { key: ['ABCDE1234F'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const text = JSON.stringify([answers, archiveTables(archive)])
    for (const clear of PLANTED) expect(text).not.toContain(clear)
  })

  it('cuts long values and says their size', async () => {
    const { rows } = await page('large')
    expect(rows.map(row => row[1])).toEqual([
      { preview: 'é'.repeat(2_000), bytes: 800_000 },
      { preview: 'b'.repeat(2_000), bytes: 3_000 },
      'short',
    ])
  })

  it('ends before it grows too large, and goes on with the row that did not fit', async () => {
    const first = await page('wide', { limit: 900 })
    expect(first.rows.length).toBeLessThan(300)
    expect(JSON.stringify(first).length).toBeLessThan(1_048_576)
    const second = await page('wide', { limit: 900, cursor: first.nextCursor ?? '' })
    expect(second.rows[0]?.[0]).toBe(String(first.rows.length + 1))
  })

  it('finds one row by its whole key', async () => {
    expect((await page('log', { key: ['59999'] })).rows.map(row => row[0])).toEqual(['59999'])
    expect((await page('log', { key: ['99999999'] })).rows).toEqual([])
    expect((await page('parts', { key: ['1', 'y\tz'] })).rows).toEqual([['y\tz', '1']])
    expect((await page('employees', { key: ['1F3A9C0E-0000-4000-8000-000000000002'] })).rows).toHaveLength(1)
    await expect(page('parts', { key: ['1'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(page('keyless', { key: ['1'] })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('refuses tables and cursors that are not its own', async () => {
    expect(await page('empty')).toMatchObject({ rows: [], nextCursor: null })
    await expect(page('pg_class')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const cursor = (await page('log', { limit: 1 })).nextCursor ?? ''
    await expect(page('empty', { cursor })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(page('log', { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('is given up at once when the caller cancels', async () => {
    const request = { table: 'log', limit: 1000 }
    const given = service.page({ storeId: 'cancelled', archive }, request, AbortSignal.abort())
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('leaves no stream open behind it', async () => {
    const own = new BrowseService({ idleMs: 30 })
    await own.page({ storeId: 'idle', archive }, { table: 'log', limit: 1 }, never)
    expect(own.openReaders).toBe(1)
    await eventually(() => (own.openReaders === 0 ? true : undefined))
    for (let index = 0; index < 12; index++) {
      await service.page({ storeId: `store ${index}`, archive }, { table: 'log', limit: 1 }, never)
    }
    expect(service.openReaders).toBeLessThanOrEqual(8)
    await service.close()
    expect(service.openReaders).toBe(0)
  })

  it('says at the end that what it read was damaged', async () => {
    const key = `${archive.prefix}${archive.table('log').object?.name}`
    const parts: Buffer[] = []
    for await (const part of await store.get(key, never)) parts.push(part as Buffer)
    const bytes = Buffer.concat(parts)
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
    await store.put(key, bytes, never)
    const walking = async () => {
      let cursor: string | undefined
      do {
        const request = { table: 'log', limit: 1000, cursor }
        cursor = (await service.page({ storeId: 'damaged', archive }, request, never)).nextCursor ?? undefined
      } while (cursor !== undefined)
    }
    await expect(walking()).rejects.toMatchObject({ details: { reason: 'archive-damaged' } })
  })
})
