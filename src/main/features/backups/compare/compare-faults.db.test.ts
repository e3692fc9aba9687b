import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#shared/ids.ts'
import { execute } from '../../../../../scripts/services/runtime/execute.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { openWriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { eventually } from '../../../testing/eventually.ts'
import { createTestDatabase, type TestDatabase } from '../../../testing/test-database.ts'
import { type Archive, openArchive } from '../archive/reader.ts'
import { writeTestArchive } from '../testing/write-archive.ts'
import { CompareService } from './compare.service.ts'

const never = new AbortController().signal
const ROWS = 300_000

let database: TestDatabase
let pool: PostgresPool
let folder: string
let store: BackupStore
let archive: Archive
beforeAll(async () => {
  database = await createTestDatabase()
  pool = new PostgresPool(database.settings, database.password)
  folder = await mkdtemp(join(tmpdir(), 'tenantry-compare-faults-'))
  store = openBackupStore({ kind: 'folder', path: folder }, undefined)
  await database.client.query(`create schema acme; create table acme.log (id int primary key, v text);
    insert into acme.log select i, md5(i::text) from generate_series(1, ${ROWS}) i`)
  archive = await openArchive(store, await writeTestArchive({ url: database.url, schema: 'acme', store }), never)
  await database.client.query(`update acme.log set v = 'changed' where id = 77`)
})
afterAll(async () => {
  await pool.close()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const live = () => ({
  db: openWriteDb({ pool: async () => pool, space: 'tenant', schema: 'acme', signal: never }),
  schema: 'acme',
})
const compare = (service: CompareService) =>
  service.compare({ owner: 'o', left: archive, right: live(), labels: { left: 'archive', right: 'live' } }, never)
const fingerprint = async (): Promise<unknown> =>
  (await database.client.query(`select count(*), sum(hashtextextended(l::text, 0)) from acme.log l`)).rows

describe('a comparison that cannot end', () => {
  it.each([0.1, 0.55, 0.95])(
    'leaves live as it is when its process is killed at %d, and its files to the next one',
    async stopAt => {
      const before = await fingerprint()
      const directory = join(folder, `killed-${stopAt}`)
      const facts = { settings: database.settings, password: database.password, schema: 'acme', prefix: archive.prefix }
      const child = fork(join(import.meta.dirname, 'testing', 'compare-child.ts'), {
        env: { ...process.env, TENANTRY_CHILD: JSON.stringify({ ...facts, store: folder, directory, stopAt }) },
      })
      await once(child, 'message')
      child.kill('SIGKILL')
      await once(child, 'exit')
      const [left] = await readdir(directory)
      expect(left).toContain(`run-${child.pid}-`)
      const service = new CompareService({ directory })
      await service.start()
      expect(await readdir(directory)).toEqual([])
      expect(await fingerprint()).toEqual(before)
      // The server has noticed, and holds nothing of it.
      await eventually(async () => {
        const held = await database.client.query(
          `select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'log' and l.pid <> pg_backend_pid()`,
        )
        return held.rowCount === 0 ? true : undefined
      })
      expect((await compare(service)).tables[0]).toMatchObject({ changed: '1', onlyLeft: '0', onlyRight: '0' })
      await service.close()
    },
  )

  it('says so when the disk of this machine is full, and gives the space back', async () => {
    const directory = join(folder, 'small-disk')
    await mkdir(directory)
    await execute(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory])
    try {
      const service = new CompareService({ directory })
      await expect(compare(service)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining('The disk of this machine is full'),
      })
      const [run] = await readdir(directory)
      expect(await readdir(join(directory, run ?? ''))).toEqual([])
      await service.close()
      expect(await readdir(directory)).toEqual([])
    } finally {
      await execute(['umount', directory])
    }
  })
})

describe('what a comparison keeps on the disk', () => {
  it('only this user can read, and goes with the console, or with the next one', async () => {
    const schema = `kept_${newId().slice(0, 8)}`
    await database.client.query(`create schema ${schema};
      create table ${schema}.log (id int primary key, v text); insert into ${schema}.log select i, 'v' from generate_series(1, 50) i`)
    const store = openBackupStore({ kind: 'folder', path: folder }, undefined)
    const left = await openArchive(store, await writeTestArchive({ url: database.url, schema, store }), never)
    await database.client.query(`delete from ${schema}.log where id < 9; insert into ${schema}.log values (99, 'n')`)
    const directory = join(folder, 'own')
    const own = new CompareService({ directory })
    const binding = { pool: async () => pool, space: 'tenant' as const, schema, signal: never }
    const right = { db: openWriteDb(binding), schema }
    await own.compare({ owner: 'o', left, right, labels: { left: 'archive', right: 'live' } }, never)
    const files = (await readdir(directory, { recursive: true, withFileTypes: true })).map(entry => ({
      isFile: entry.isFile(),
      path: join(entry.parentPath, entry.name),
    }))
    expect(files.filter(file => file.isFile)).toHaveLength(3)
    for (const { path, isFile } of files) expect((await stat(path)).mode & 0o777).toBe(isFile ? 0o600 : 0o700)

    // A second console beside it leaves it alone; what a dead one left goes.
    await mkdir(join(directory, 'run-4194303-0123456789ab', newId()), { recursive: true })
    const next = new CompareService({ directory })
    await next.start()
    expect(await readdir(directory)).toHaveLength(1)
    await own.close()
    expect(await readdir(directory)).toEqual([])
    await next.close()
    await database.client.query(`drop schema ${schema} cascade`)
  })
})
