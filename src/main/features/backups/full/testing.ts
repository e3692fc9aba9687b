import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { BackupObject, BackupPage, ListRequest } from '../../../connections/backup/backup-store.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { requireService } from '../../../testing/services.ts'
import { createTestDatabase, type PostgresService, type TestDatabase } from '../../../testing/test-database.ts'
import { ClientTools } from './client-tools.ts'
import type { DumpStore, FullDumpTarget } from './full-dump.model.ts'
import { FullDumpService } from './full-dump.service.ts'

/** A database with a bit of everything that a dump must bring back, a store of its own, and the service. */
export interface FullDumpBench extends AsyncDisposable {
  database: TestDatabase
  /** Where a store of the kind folder rests. */
  folder: string
  target: FullDumpTarget & { store: GatedStore }
  service: FullDumpService
  /** A name for a new database, dropped at the end. */
  newName(suffix?: string): string
  /** Every key of this bench in the store. */
  keys(): Promise<string[]>
  databases(): Promise<string[]>
}

export const never = new AbortController().signal

export const CONTENT = `
  create schema "tenant_Acme ""1""";
  create type public.mood as enum ('good', 'bad');
  create function public.twice(x int) returns int language sql as $f$ select x * 2 -- \\! id $f$;
  create table public.people (id serial primary key, name text, mood public.mood, document jsonb);
  insert into public.people (name, mood, document)
    select 'it''s \\. ' || i || chr(10) || '\\! id' || chr(9) || repeat(md5(i::text), 20), 'good', jsonb_build_object('at', i)
    from generate_series(1, 4000) i;
  create table "tenant_Acme ""1"""."odd;\\ name" (a int references public.people, "b c" bytea);
  insert into "tenant_Acme ""1"""."odd;\\ name" select i, decode(md5(i::text), 'hex') from generate_series(1, 500) i;
  create table public.nothing (a int);
  create table public.years (y int) partition by list (y);
  create table public.years_1 partition of public.years for values in (1);
  insert into public.years values (1), (1);
  create materialized view public.looks as select count(*) from public.people;
  create view public.glance as select name from public.people;
  comment on table public.people is E'\\\\connect other\\n\\\\! id';`

/** Rows and definitions of a database as one text, to compare two. */
export const FINGERPRINT = `
  select md5(string_agg(part, '|' order by part)) as fingerprint from (
    select md5(string_agg(t::text, '|' order by id)) as part from public.people t
    union all select md5(string_agg(t::text, '|' order by a)) from "tenant_Acme ""1"""."odd;\\ name" t
    union all select format('%s %s %s', count, (select count(*) from public.nothing), (select count(*) from public.years)) from public.looks
    union all select format('%s %s', public.twice(2), pg_get_functiondef('public.twice'::regproc))
    union all select obj_description('public.people'::regclass)
    union all select last_value::text from public.people_id_seq
    union all select format('%s %s %s', c.oid::regclass, c.relkind, pg_get_userbyid(c.relowner)) from pg_class c
      join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'tenant_Acme "1"')
    union all select format('%s %s', encoding, datcollate) from pg_database where datname = current_database()) parts`

export async function openBench(
  options: {
    store?: 'folder' | 's3'
    /** Reach S3 through another address (a fault proxy). */
    s3Endpoint?: string
    service?: PostgresService
    through?: { host: string; port: number }
    url?: string
  } = {},
): Promise<FullDumpBench> {
  const service = options.service ?? 'TENANTRY_TEST_PG15_URL'
  const { through, url } = options
  const database = await createTestDatabase({ service, ...(through && { through }), ...(url && { url }) })
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-dumps-'))
  const s3 = options.store === 's3' ? realS3() : undefined
  const inner =
    s3 === undefined
      ? openBackupStore({ kind: 'folder', path: folder }, undefined)
      : openBackupStore({ ...s3.settings, ...(options.s3Endpoint && { endpoint: options.s3Endpoint }) }, s3.secret)
  const store = new GatedStore(inner, s3 === undefined ? '' : `test-full-${database.settings.database}/`)
  const names: string[] = []
  const newName = (suffix = '') => {
    const name = `${database.settings.database}_${names.length}${suffix}`
    names.push(name)
    return name
  }
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of store.listAll('', never)) found.push(key)
    return found
  }
  return {
    database,
    folder,
    target: {
      environment: { name: 'Test system', class: 'development' },
      postgres: { settings: database.settings, password: database.password },
      store,
    },
    service: new FullDumpService(new ClientTools({ folder: requireService(service.replace('_URL', '_BIN')) })),
    newName,
    keys,
    databases: async () => {
      const found = await database.client.query<{ datname: string }>('select datname from pg_database')
      return found.rows.map(row => row.datname)
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of names) {
        await database.client.query(`drop database if exists ${database.client.escapeIdentifier(name)} with (force)`)
      }
      await store.delete(await keys(), never)
      await store.close()
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** Keys of one test in a bucket that is shared. Real stores do the work. */
export class PrefixedStore implements DumpStore {
  private readonly inner: DumpStore & { close(): Promise<void> }
  private readonly prefix: string

  constructor(inner: DumpStore & { close(): Promise<void> }, prefix: string) {
    this.inner = inner
    this.prefix = prefix
  }

  put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
    return this.inner.put(this.prefix + key, body, signal)
  }
  get(key: string, signal: AbortSignal): Promise<Readable> {
    return this.inner.get(this.prefix + key, signal)
  }
  delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    return this.inner.delete(
      keys.map(key => this.prefix + key),
      signal,
    )
  }
  async list(request: ListRequest, signal: AbortSignal): Promise<BackupPage> {
    const page = await this.inner.list({ ...request, prefix: this.prefix + request.prefix }, signal)
    return { ...page, objects: page.objects.map(object => this.own(object)) }
  }
  async *listAll(prefix: string, signal?: AbortSignal): AsyncIterable<BackupObject> {
    for await (const object of this.inner.listAll(this.prefix + prefix, signal)) yield this.own(object)
  }
  close(): Promise<void> {
    return this.inner.close()
  }

  private own(object: BackupObject): BackupObject {
    return { ...object, key: object.key.slice(this.prefix.length) }
  }
}

/** A store in which a test steps in: before a put, and when the first bytes of a body have passed. Its real store does the work. */
export class GatedStore extends PrefixedStore {
  beforePut: (key: string) => Promise<void> | void = () => undefined
  atFirstBytes: (key: string) => Promise<void> | void = () => undefined

  override async put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
    await this.beforePut(key)
    if (body instanceof Uint8Array) return await super.put(key, body, signal)
    const gate = () => this.atFirstBytes(key)
    const gated = async function* () {
      let isFirst = true
      for await (const chunk of body) {
        yield chunk
        if (isFirst) await gate()
        isFirst = false
      }
    }
    return await super.put(key, Readable.from(gated(), { objectMode: false }), signal)
  }
}

/** Some 320 bytes a row that hardly compress. */
export const bulk = (rows: number): string => `
  create table public.bulk as select i as id,
    (select string_agg(md5(i::text || j::text), '') from generate_series(1, 10) j) as filler
  from generate_series(1, ${rows}) i;
  alter table public.bulk add primary key (id);`
/** Far more than pipes and buffers hold. */
export const BULK = bulk(60_000)

/** Processes that this one has started and that still run. */
export async function children(): Promise<{ pid: number; command: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'pid=,ppid=,stat=,args=', '-e'])
  return stdout.split('\n').flatMap(line => {
    const [, pid, parent, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    const isOurs = Number(parent) === process.pid && !state.startsWith('Z') && /pg_dump|pg_restore|psql/.test(command)
    return isOurs ? [{ pid: Number(pid), command }] : []
  })
}

/** Private folders of tools that a process has, this one unless told. */
export const toolFolders = async (pid: number | undefined = process.pid): Promise<string[]> =>
  (await readdir(tmpdir())).filter(name => new RegExp(`^tenantry-full-[0-9a-f]{8}-${pid}-`).test(name))
