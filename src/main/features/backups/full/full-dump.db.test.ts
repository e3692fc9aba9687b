import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { quoteIdentifier } from '../../../connections/postgres/identifier.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { requireService } from '../../../testing/services.ts'
import { ClientTools } from './client-tools.ts'
import type { FullDumpProgress, FullDumpTarget } from './full-dump.model.ts'
import { FullDumpService } from './full-dump.service.ts'
import { sidecarKey } from './layout.ts'
import { CONTENT, FINGERPRINT, type FullDumpBench, never, openBench, toolFolders } from './testing.ts'
import { inDatabase } from './with-client.ts'

const job = { signal: never }

async function fingerprint(bench: FullDumpBench, database: string): Promise<string> {
  const { settings, password } = inDatabase(bench.target.postgres, database)
  const { host, port, user } = settings
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  try {
    return (await client.query<{ fingerprint: string }>(FINGERPRINT)).rows[0]?.fingerprint ?? ''
  } finally {
    await client.end()
  }
}

const bytesOf = async (bench: FullDumpBench, key: string): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of await bench.target.store.get(key, never)) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe.each([
  ['TENANTRY_TEST_PG15_URL', 'folder', 'custom'],
  ['TENANTRY_TEST_PG15_URL', 'folder', 'sql.gz'],
  ['TENANTRY_TEST_PG15_URL', 's3', 'custom'],
  ['TENANTRY_TEST_PG15_URL', 's3', 'sql.gz'],
  ['TENANTRY_TEST_PG18_URL', 'folder', 'custom'],
  ['TENANTRY_TEST_PG18_URL', 'folder', 'sql.gz'],
] as const)('a whole database on %s, through %s, as %s', (service, store, format) => {
  test('comes back as it was, in a new database', async () => {
    await using bench = await openBench({ service, store })
    await bench.database.client.query(CONTENT)
    const seen: FullDumpProgress[] = []
    const dump = await bench.service.create(bench.target, { format }, { ...job, progress: at => seen.push(at) })
    expect(dump.key).toMatch(/^backups\/\d{4}\/\d{2}\/backup_full_\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.(dump|sql\.gz)$/)
    expect(dump).toMatchObject({ rows: 4502, tables: 4, database: bench.database.settings.database, format })
    expect(seen.at(-1)).toMatchObject({ phase: 'dumping', bytes: dump.bytes, objects: 4, totalObjects: 4 })
    expect((await bench.keys()).sort()).toEqual([dump.key, sidecarKey(dump.key)])
    const stored = await bytesOf(bench, dump.key)
    expect(createHash('sha256').update(stored).digest('hex')).toBe(dump.sha256)

    expect(await bench.service.list(bench.target.store, never)).toMatchObject([
      { key: dump.key, isComplete: true, bytes: dump.bytes },
    ])
    expect(await bench.service.get(bench.target.store, dump.key, never)).toEqual(dump)
    expect(await bench.service.verify(bench.target, dump.key, job)).toMatchObject({ sha256: dump.sha256 })

    const own = await fingerprint(bench, bench.database.settings.database)
    for (const jobs of [1, 3]) {
      const database = bench.newName()
      const steps: FullDumpProgress[] = []
      const options = { key: dump.key, database, jobs }
      const report = await bench.service.restore(bench.target, options, { ...job, progress: at => steps.push(at) })
      expect(report).toMatchObject({ database, rows: 4502, tables: 4 })
      expect(await fingerprint(bench, database)).toBe(own)
      const last = steps.filter(step => step.phase === 'restoring').at(-1)
      if (format === 'custom') expect(last?.objects).toBe(last?.totalObjects)
      expect(last?.bytes).toBe(dump.bytes)
    }
    await bench.service.remove(bench.target.store, dump.key, never)
    expect(await bench.keys()).toEqual([])
    expect(await toolFolders()).toEqual([])
  })
})

describe('a whole-database dump', () => {
  let bench: FullDumpBench
  beforeAll(async () => {
    bench = await openBench()
    await bench.database.client.query(CONTENT)
  })
  afterAll(() => bench[Symbol.asyncDispose]())
  const create = (format: 'custom' | 'sql.gz' = 'custom') => bench.service.create(bench.target, { format }, job)

  test('shows the exact command beforehand, without the password', async () => {
    const plan = await bench.service.plan(bench.target, 'custom', never)
    const { host, port, user, database } = bench.database.settings
    expect(plan).toMatchObject({
      database,
      server: { major: 15 },
      tool: { major: 15 },
      tables: 4,
      advice: null,
      locks: { isEnough: true },
    })
    expect(plan.sizeBytes).toBeGreaterThan(1_000_000)
    expect(plan.command.text).toContain(`PGHOST=${host} PGPORT=${port} PGUSER=${user} PGDATABASE=${database}`)
    expect(plan.command.text).toContain(`PGPASSWORD=*** ${plan.tool.path} --format=custom`)
    expect(JSON.stringify(plan)).not.toContain(bench.database.password)
  })

  test('two that begin at once have keys of their own', async () => {
    const dumps = await Promise.all([create(), create(), create()])
    expect(new Set(dumps.map(dump => dump.key)).size).toBe(3)
    for (const dump of dumps) await bench.service.verify(bench.target, dump.key, job)
  })

  test('without its record counts as unfinished, and is neither verified nor restored', async () => {
    const dump = await create()
    await bench.target.store.delete([sidecarKey(dump.key)], never)
    const entries = await bench.service.list(bench.target.store, never)
    expect(entries.find(entry => entry.key === dump.key)?.isComplete).toBe(false)
    expect(await bench.service.get(bench.target.store, dump.key, never)).toBeNull()
    const refusal = { code: 'NOT_FOUND', details: { reason: 'incomplete' } }
    await expect(bench.service.verify(bench.target, dump.key, job)).rejects.toMatchObject(refusal)
    const options = { key: dump.key, database: bench.newName() }
    await expect(bench.service.restore(bench.target, options, job)).rejects.toMatchObject(refusal)
  })

  test('is restored only into a database that does not exist', async () => {
    const { key } = await create()
    const before = await bench.databases()
    const own = bench.database.settings.database
    const refused = async (database: string, reason: object) => {
      await expect(bench.service.planRestore(bench.target, { key, database }, never)).rejects.toMatchObject(reason)
      await expect(bench.service.restore(bench.target, { key, database }, job)).rejects.toMatchObject(reason)
    }
    await refused(own, { code: 'CONFLICT', details: { reason: 'own-database' } })
    await refused('postgres', { code: 'CONFLICT', details: { reason: 'exists' } })
    await refused('', { code: 'INVALID_INPUT' })
    await refused('x'.repeat(64), { code: 'INVALID_INPUT' })
    await refused('ü'.repeat(32), { code: 'INVALID_INPUT' })
    await refused('a\0b', { code: 'INVALID_INPUT' })
    expect(await bench.databases()).toEqual(before)
  })

  test('loses to somebody who makes the database meanwhile, and leaves theirs alone', async () => {
    const { key } = await create()
    const database = bench.newName()
    let made: Promise<unknown> | undefined
    const progress = (at: FullDumpProgress) => {
      if (at.phase === 'restoring') made ??= bench.database.client.query(`create database ${database}`)
    }
    await expect(bench.service.restore(bench.target, { key, database }, { ...job, progress })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'exists' },
    })
    await made
    const databases = await bench.databases()
    expect(databases).toContain(database)
    expect(databases.filter(name => name.startsWith('tenantry_restore_'))).toEqual([])
  })

  test('without owners belongs to the environment’s user', async () => {
    const role = `r_${bench.database.settings.database}`
    await bench.database.client.query(
      `create role ${role}; alter table public.nothing owner to ${role}; grant select on public.people to ${role}`,
    )
    try {
      const { key } = await create()
      await bench.database.client.query(
        `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`,
      )
      const keeping = { key, database: bench.newName() }
      await expect(bench.service.restore(bench.target, keeping, job)).rejects.toMatchObject({
        code: 'CONFLICT',
        details: { reason: 'role' },
      })
      const without = { key, database: bench.newName(), owners: 'none' as const }
      expect(await bench.service.restore(bench.target, without, job)).toMatchObject({ rows: 4502 })
    } finally {
      await bench.database.client.query(`drop role if exists ${role}`)
    }
  })

  test('names the versions where no pg_dump fits', async () => {
    const service = new FullDumpService(
      new ClientTools({ path: '', wellKnown: [requireService('TENANTRY_TEST_PG15_BIN')] }),
    )
    await using newer = await openBench({ service: 'TENANTRY_TEST_PG18_URL' })
    await expect(service.plan(newer.target, 'custom', never)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/PostgreSQL 18, and no pg_dump here fits: found 15\.\d+ at /),
    })
  })

  test('of a newer server is not given to an older pg_restore', async () => {
    await using newer = await openBench({ service: 'TENANTRY_TEST_PG18_URL' })
    const dump = await newer.service.create(newer.target, { format: 'custom' }, job)
    const target = { ...newer.target, postgres: bench.target.postgres }
    const options = { key: dump.key, database: bench.newName() }
    await expect(bench.service.planRestore(target, options, never)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('hostile names', () => {
  const NAMES = [
    'a=b',
    'host=elsewhere user=x',
    'postgres://elsewhere/x',
    '--help',
    '-c',
    `it's "quoted"`,
    ' spaces ',
    'Ünï💥',
    '$(id)`id`',
    'a\nb',
    ';drop',
  ]

  test.each(NAMES)('a database with the name %j is dumped, and restored under such a name', async name => {
    await using bench = await openBench()
    const source = bench.newName(name)
    const { client } = bench.database
    await client.query(`create database ${quoteIdentifier(source)}`)
    const target: FullDumpTarget = { ...bench.target, postgres: inDatabase(bench.target.postgres, source) }
    const inside = new pg.Client({ ...connectionOf(target), database: source })
    await inside.connect()
    await inside.query('create table public.t as select 42 as answer')
    await inside.end()
    for (const format of ['custom', 'sql.gz'] as const) {
      const dump = await bench.service.create(target, { format }, job)
      expect(dump).toMatchObject({ database: source, rows: 1 })
      const database = bench.newName(name)
      await bench.service.restore(target, { key: dump.key, database }, job)
      const restored = new pg.Client({ ...connectionOf(target), database })
      await restored.connect()
      expect((await restored.query('select answer from public.t')).rows).toEqual([{ answer: 42 }])
      await restored.end()
    }
  })

  test('a name that is nothing but an option or a connection string reaches libpq as a name', async () => {
    await using bench = await openBench()
    for (const name of ['--help', 'a=b', 'host=127.0.0.1 port=1']) {
      const target = { ...bench.target, postgres: inDatabase(bench.target.postgres, name) }
      // No such database: the server itself must say so.
      await expect(bench.service.create(target, { format: 'custom' }, job)).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { sqlState: '3D000' },
      })
    }
  })

  const connectionOf = ({ postgres: { settings, password } }: FullDumpTarget) => ({
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password,
  })
})

describe('encrypted connections', () => {
  test.each([
    ['the authority of the settings', true],
    ['no authority', false],
  ])('pg_dump trusts the server through %s only', async (_, isKnown) => {
    await using bench = await openBench()
    const { readFileSync } = await import('node:fs')
    const ca = readFileSync(requireService('TENANTRY_TEST_PG_CA'), 'utf8')
    const settings = { ...bench.target.postgres.settings, tls: { mode: 'verify-ca' as const, ca } }
    const target = { ...bench.target, postgres: { ...bench.target.postgres, settings } }
    if (isKnown) {
      expect(await bench.service.create(target, { format: 'custom' }, job)).toMatchObject({ rows: 0 })
      return
    }
    const without = { ...settings, tls: { mode: 'verify-ca' as const } }
    const refused = { ...target, postgres: { ...target.postgres, settings: without } }
    await expect(bench.service.create(refused, { format: 'custom' }, job)).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
    })
  })
})

describe('a script that somebody changed', () => {
  test.each([
    ['a shell command', (text: string) => text.replace('SET default', '\\! touch /tmp/never\nSET default')],
    ['a file read into the database', (text: string) => `${text}\n\\copy public.people from '/etc/passwd'\n`],
    ['another connection', (text: string) => `\\connect postgres\n${text}`],
    ['a cut end', (text: string) => text.slice(0, text.indexOf('COPY') + 400)],
  ])('with %s is never run, even where its record was changed to fit', async (_, change) => {
    await using bench = await openBench()
    await bench.database.client.query(CONTENT)
    const dump = await bench.service.create(bench.target, { format: 'sql.gz' }, job)
    const changed = Buffer.from(change(gunzipSync(await bytesOf(bench, dump.key)).toString('utf8')))
    const object = gzipSync(changed)
    const record = JSON.parse((await bytesOf(bench, sidecarKey(dump.key))).toString('utf8')) as object
    const sha256 = createHash('sha256').update(object).digest('hex')
    const fitting = { ...record, sha256, bytes: object.length, plainBytes: changed.length }
    await bench.target.store.put(dump.key, object, never)
    await bench.target.store.put(sidecarKey(dump.key), Buffer.from(JSON.stringify(fitting)), never)
    const before = await bench.databases()
    const options = { key: dump.key, database: bench.newName() }
    await expect(bench.service.restore(bench.target, options, job)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('is not run'),
    })
    await expect(bench.service.verify(bench.target, dump.key, job)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await bench.databases()).toEqual(before)
  })

  test('psql itself refuses what the scanner would miss', async () => {
    const psql = `${requireService('TENANTRY_TEST_PG15_BIN')}/psql`
    const url = new URL(requireService('TENANTRY_TEST_PG15_URL'))
    const env = {
      PGHOST: url.hostname,
      PGPORT: url.port,
      PGUSER: url.username,
      PGPASSWORD: url.password,
      PGDATABASE: 'postgres',
    }
    const run = promisify(execFile)(psql, ['--no-psqlrc', '--set=ON_ERROR_STOP=1', '--file=-'], { env })
    run.child.stdin?.end('\\restrict abc\nselect 1;\n\\! echo reached\n')
    await expect(run).rejects.toMatchObject({
      stdout: expect.not.stringContaining('reached'),
      stderr: expect.stringContaining('restricted'),
    })
  })
})

test('S3 keeps no unfinished upload of a dump', async () => {
  const s3 = realS3()
  await using bench = await openBench({ store: 's3' })
  await bench.service.create(bench.target, { format: 'custom' }, job)
  const store = openBackupStore(s3.settings, s3.secret)
  expect(await store.listUnfinished(`test-full-${bench.database.settings.database}/`, never)).toEqual([])
  await store.close()
})
