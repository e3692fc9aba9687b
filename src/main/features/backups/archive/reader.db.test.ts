import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../../../scripts/services/fault.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { copyOut } from '../../../connections/postgres/copy.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { createTestDatabase, type TestDatabase } from '../../../testing/test-database.ts'
import { editManifest, writeTestArchive } from '../testing/write-archive.ts'
import { CopyScanner, encodeRow, type FieldValue, readRow } from './copy-text.ts'
import type { Manifest } from './manifest.ts'
import { openArchive } from './reader.ts'

const never = new AbortController().signal
const HOSTILE = [
  '',
  '\\',
  '\\N',
  '\\.',
  'a\tb',
  'a\nb',
  '\r\n',
  '\b\f\v',
  'é𝄞',
  "'; drop table users; --",
  '\\x41',
  '   ',
]

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'tenantry-reader-'))
  await database.client.query(`
    create schema acme;
    create table acme.users (id int primary key, note text, payload text);
    create table acme."we;ird ""name" (id uuid primary key default gen_random_uuid(), doc jsonb);
    create table acme.empty (id int primary key);
    insert into acme."we;ird ""name" (doc) select jsonb_build_object('n', i) from generate_series(1, 50) i`)
  for (const [id, note] of HOSTILE.entries()) {
    await database.client.query('insert into acme.users values ($1, $2, null)', [id, note])
  }
  await database.client.query(
    `insert into acme.users select i, 'row ' || i, md5(i::text) from generate_series(100, 20000) i`,
  )
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function contentOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe.each(['folder', 's3'] as const)('an archive in a store: %s', kind => {
  let store: BackupStore
  const prefixes: string[] = []
  beforeAll(() => {
    const s3 = realS3()
    store =
      kind === 'folder' ? openBackupStore({ kind, path: folder }, undefined) : openBackupStore(s3.settings, s3.secret)
  })
  afterAll(async () => {
    for (const prefix of prefixes) {
      for await (const object of store.listAll(prefix)) await store.delete([object.key], never)
    }
    await store.close()
  })

  /** The bucket is shared: each archive is of a schema of its own name. */
  async function archived(): Promise<string> {
    const schema = `acme_${randomUUID().slice(0, 8)}`
    await database.client.query(`alter schema acme rename to ${schema}`)
    try {
      const prefix = await writeTestArchive({ url: database.url, schema, store })
      prefixes.push(prefix)
      return prefix
    } finally {
      await database.client.query(`alter schema ${schema} rename to acme`)
    }
  }
  const replace = async (key: string, change: (bytes: Buffer) => Buffer) => {
    await store.put(key, change(await contentOf(await store.get(key, never))), never)
  }
  const keyOf = async (prefix: string, table: string): Promise<string> => {
    const archive = await openArchive(store, prefix, never)
    return `${prefix}${archive.table(table).object?.name}`
  }
  const read = async (prefix: string, table = 'users'): Promise<Buffer> => {
    const archive = await openArchive(store, prefix, never)
    return await contentOf(archive.copyText(archive.table(table), never))
  }
  const problems = async (prefix: string): Promise<string[]> =>
    (await (await openArchive(store, prefix, never)).verifyObjects(never)).problems

  it('gives back the rows of PostgreSQL, hostile ones too', async () => {
    const scanner = new CopyScanner()
    const text = await read(await archived())
    scanner.push(text)
    const rows: unknown[][] = []
    while (scanner.next()) rows.push(readRow(scanner.row))
    const live = await database.client.query<{ row: string[] }>({
      text: 'select array[id::text, note, payload] as row from acme.users',
    })
    expect(rows).toEqual(live.rows.map(({ row }) => row))
    expect(rows.map(row => encodeRow(row as string[])).join('')).toBe(text.toString())
  })

  it('passes when all is as written, table by table', async () => {
    const prefix = await archived()
    const archive = await openArchive(store, prefix, never)
    const seen: number[] = []
    const report = await archive.verifyObjects(never, progress => seen.push(progress.done))
    expect(report).toMatchObject({ isWhole: true, problems: [] })
    expect(report.tables.map(table => [table.table, table.rows, table.problem])).toEqual([
      ['empty', 0, null],
      ['users', 19_901 + HOSTILE.length, null],
      ['we;ird "name', 50, null],
    ])
    expect(seen.at(-1)).toBe(archive.manifest.bytes)
    expect(await archive.schemaSql(never)).toBe('-- definitions\n')
  })

  it('is found damaged wherever one byte is flipped', async () => {
    const prefix = await archived()
    const key = await keyOf(prefix, 'users')
    const whole = await contentOf(await store.get(key, never))
    const places = [0, 3, 4, 5, 9, 20, Math.floor(whole.length / 2), whole.length - 5, whole.length - 1]
    for (const place of places) {
      const bytes = Buffer.from(whole)
      bytes[place] = (bytes[place] ?? 0) ^ 0x10
      await store.put(key, bytes, never)
      await expect(read(prefix), `byte ${place}`).rejects.toMatchObject({ details: { reason: 'archive-damaged' } })
      const found = await problems(prefix)
      expect(found, `byte ${place}`).toHaveLength(1)
      expect(found[0]).toContain('table "users"')
    }
  })

  it('is found damaged when an object is cut short, grown, replaced or missing', async () => {
    const prefix = await archived()
    const key = await keyOf(prefix, 'users')
    const whole = await contentOf(await store.get(key, never))
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 10), whole.subarray(0, whole.length / 2)]) {
      await store.put(key, bytes, never)
      expect(await problems(prefix)).toEqual([expect.stringMatching(/table "users".*(of its|decompressed)/)])
    }
    await store.put(key, Buffer.concat([whole, Buffer.from('x')]), never)
    expect(await problems(prefix)).toEqual([expect.stringMatching(/table "users".*more than|table "users"/)])
    await store.put(key, randomBytes(whole.length), never)
    expect(await problems(prefix)).toHaveLength(1)
    await store.delete([key], never)
    await expect(read(prefix)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('is missing'),
    })
    expect(await problems(prefix)).toEqual([expect.stringMatching(/users\.copy\.zst is missing/)])
  })

  it('never hands on more bytes than were promised, whatever they expand to', async () => {
    const prefix = await archived()
    const key = await keyOf(prefix, 'users')
    const bomb = zstdCompressSync(Buffer.alloc(200 * 1024 * 1024, 'a\n'))
    await store.put(key, bomb, never)
    const change = (manifest: Manifest) => {
      const object = manifest.tables.find(table => table.name === 'users')?.object
      if (object === null || object === undefined) throw new Error('No object')
      manifest.storedBytes += bomb.length - object.bytes
      object.bytes = bomb.length
      object.sha256 = createHash('sha256').update(bomb).digest('hex')
    }
    await editManifest(store, prefix, { change, reseal: true })
    const archive = await openArchive(store, prefix, never)
    const table = archive.table('users')
    let bytes = 0
    const reading = async () => {
      for await (const part of archive.copyText(table, never)) bytes += (part as Buffer).length
    }
    await expect(reading()).rejects.toMatchObject({ message: expect.stringContaining('more than its') })
    expect(bytes).toBeLessThanOrEqual(table.bytes)
  })

  it('names an object that does not belong to it', async () => {
    const prefix = await archived()
    await store.put(`${prefix}data/999_extra.copy.zst`, Buffer.from('x'), never)
    await replace(`${prefix}schema.sql`, bytes => Buffer.concat([bytes, Buffer.from('drop table x;')]))
    expect(await problems(prefix)).toEqual([
      'data/999_extra.copy.zst does not belong to the archive',
      expect.stringContaining('schema.sql has more than its'),
    ])
    const archive = await openArchive(store, prefix, never)
    await expect(archive.schemaSql(never)).rejects.toMatchObject({ details: { reason: 'archive-damaged' } })
  })

  it('does not open with a manifest that was edited, with or without a new hash', async () => {
    const damaged = { code: 'CONFLICT', details: { reason: 'archive-damaged' } }
    const users = (manifest: Manifest) => manifest.tables.find(table => table.name === 'users') ?? manifest.tables[0]
    const edits: [string, (manifest: Manifest) => void][] = [
      ['escape', manifest => Object.assign(users(manifest)?.object ?? {}, { name: 'data/../../other/x.copy.zst' })],
      ['root', manifest => Object.assign(users(manifest)?.object ?? {}, { name: '/etc/passwd' })],
      ['manifest as data', manifest => Object.assign(users(manifest)?.object ?? {}, { name: 'manifest.json' })],
      ['definitions', manifest => Object.assign(manifest.schema.object, { name: 'data/001_x.copy.zst' })],
      ['other schema', manifest => Object.assign(manifest.tenant, { databaseSchema: 'other' })],
      ['fewer rows', manifest => Object.assign(users(manifest) ?? {}, { rows: 1 })],
      ['no rows', manifest => Object.assign(users(manifest) ?? {}, { rows: 0 })],
      ['table twice', manifest => manifest.tables.push(...manifest.tables.slice(0, 1))],
    ]
    for (const [what, change] of edits) {
      for (const reseal of [false, true]) {
        const prefix = await archived()
        await editManifest(store, prefix, { change, reseal })
        await expect(openArchive(store, prefix, never), `${what}, new hash: ${reseal}`).rejects.toMatchObject(damaged)
      }
    }
  })

  it('is found damaged when the manifest promises other rows, with sums and hash made to agree', async () => {
    const prefix = await archived()
    const change = (manifest: Manifest) => {
      for (const table of manifest.tables) if (table.name === 'users') table.rows--
      manifest.rows--
    }
    await editManifest(store, prefix, { change, reseal: true })
    expect(await problems(prefix)).toEqual(['Table "users" has 19913 rows, not 19912'])
  })

  it('does not open when any byte of the manifest is flipped, or it is not there', async () => {
    const prefix = await archived()
    const key = `${prefix}manifest.json`
    const whole = await contentOf(await store.get(key, never))
    for (const place of [0, 1, 30, Math.floor(whole.length / 3), Math.floor(whole.length / 2), whole.length - 2]) {
      const bytes = Buffer.from(whole)
      bytes[place] = (bytes[place] ?? 0) ^ 0x01
      await store.put(key, bytes, never)
      await expect(openArchive(store, prefix, never), `byte ${place}`).rejects.toMatchObject({
        code: expect.stringMatching(/CONFLICT|UNSUPPORTED/),
      })
    }
    await store.put(key, Readable.from([Buffer.alloc(33 * 1024 * 1024, ' ')]), never)
    await expect(openArchive(store, prefix, never)).rejects.toMatchObject({ details: { reason: 'archive-damaged' } })
    await store.delete([key], never)
    await expect(openArchive(store, prefix, never)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(openArchive(store, 'backups/elsewhere/', never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('stops at once when it is cancelled', async () => {
    const archive = await openArchive(store, await archived(), never)
    const controller = new AbortController()
    const reading = async () => {
      for await (const _ of archive.copyText(archive.table('users'), controller.signal)) controller.abort()
    }
    await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(archive.verifyObjects(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('COPY text as PostgreSQL writes it', () => {
  it('is read and written in the same form, whatever the values', async () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 60 })
      .filter(value => !value.includes('\0') && value.isWellFormed())
    const values = fc.sample(fc.option(text), 3_000)
    await database.client.query('create table acme.random (place int, value text)')
    await database.client.query('insert into acme.random select * from unnest($1::int[], $2::text[])', [
      values.map((_, place) => place),
      values,
    ])
    const source = copyOut(database.client as unknown as Connection, 'copy acme.random to stdout')
    const scanner = new CopyScanner()
    const rows: FieldValue[][] = []
    const written = await contentOf(source)
    for (let start = 0; start < written.length; start += 1_009) {
      scanner.push(written.subarray(start, start + 1_009))
      while (scanner.next()) rows.push(readRow(scanner.row))
    }
    expect(Buffer.from(rows.map(row => encodeRow(row as string[])).join('')).equals(written)).toBe(true)
    // Short rows fill gaps of earlier pages.
    rows.sort(([a], [b]) => Number(a) - Number(b))
    expect(rows.map(row => row[1])).toEqual(values)
    await database.client.query('drop table acme.random')
  })
})

describe('a store that is lost while an archive is read', () => {
  let proxy: FaultProxy
  let store: BackupStore
  let direct: BackupStore
  beforeAll(async () => {
    const s3 = realS3()
    const { hostname, port } = new URL(s3.settings.endpoint ?? '')
    proxy = await startFaultProxy({ host: hostname, port: Number(port) })
    store = openBackupStore({ ...s3.settings, endpoint: `http://127.0.0.1:${proxy.port}` }, s3.secret)
    direct = openBackupStore(s3.settings, s3.secret)
  })
  afterAll(async () => {
    proxy.close()
    await store.close()
    await direct.close()
  })

  it('is no damage of the archive', async () => {
    const schema = `cut_${randomUUID().slice(0, 8)}`
    await database.client.query(
      `create schema ${schema};
       create table ${schema}.big as select i, gen_random_uuid() as a, gen_random_uuid() as b from generate_series(1, 150000) i`,
    )
    const prefix = await writeTestArchive({ url: database.url, schema, store: direct })
    try {
      const archive = await openArchive(store, prefix, never)
      const reading = async () => {
        for await (const _ of archive.copyText(archive.table('big'), never)) {
          proxy.refuse()
          proxy.cut()
        }
      }
      await expect(reading()).rejects.toMatchObject({ code: expect.stringMatching(/CONNECTION_FAILED|TIMEOUT/) })
      await expect(archive.verifyObjects(never)).rejects.toMatchObject({
        code: expect.stringMatching(/CONNECTION_FAILED|TIMEOUT/),
      })
      await proxy.resume()
      expect(await archive.verifyObjects(never)).toMatchObject({ isWhole: true })
    } finally {
      for await (const object of direct.listAll(prefix)) await direct.delete([object.key], never)
    }
  })
})
