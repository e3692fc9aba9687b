import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { copyIn } from '../../../connections/postgres/copy.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { eventually } from '../../../testing/eventually.ts'
import { readDefinitions } from '../archive/fingerprint.ts'
import { parseArchivePrefix } from '../archive/layout.ts'
import type { Manifest } from '../archive/manifest.ts'
import { openArchive } from '../archive/reader.ts'
import { verifyObjects } from '../archive/reader-verify.ts'
import { openSnapshot } from '../archive/snapshot.ts'
import { type BackupSetup, backupSetup, contentOf, readManifest, readObject, storedKeys } from './testing.ts'

const never = new AbortController().signal

let setup: BackupSetup
let acme: TenantRow
beforeAll(async () => {
  setup = await backupSetup()
  acme = await setup.console.createTenant('acme')
})
afterAll(() => setup[Symbol.asyncDispose]())

/** By hand, as somebody without Tenantry would: schema.sql, then COPY of every object. */
async function restoreByHand(manifest: Manifest, prefix: string, schema: string): Promise<void> {
  const { store, registry } = setup
  const script = (await readObject(store, `${prefix}schema.sql`)).toString('utf8')
  expect(script).not.toContain(manifest.tenant.databaseSchema)
  await registry().session(async ({ connection }) => {
    await connection.query(`create schema ${quoteIdentifier(schema)}`)
    await connection.query(`begin; set local search_path to ${quoteIdentifier(schema)}, extensions`)
    await connection.query(script)
    await connection.query('set local session_replication_role to replica')
    for (const table of manifest.tables) {
      if (table.object === null) continue
      const stored = await readObject(store, `${prefix}${table.object.name}`)
      const text = zstdDecompressSync(stored)
      expect(createHash('sha256').update(stored).digest('hex')).toBe(table.object.sha256)
      expect(createHash('sha256').update(text).digest('hex')).toBe(table.sha256)
      const columns = table.columns.map(column => quoteIdentifier(column.name)).join(', ')
      const target = copyIn(connection, `copy ${quoteQualified(schema, table.name)} (${columns}) from stdin`)
      await pipeline(Readable.from([text], { objectMode: false }), target)
      expect(await target.done).toBe(table.rows)
    }
    await connection.query('commit')
  })
}

const contentIn = (schema: string) => contentOf(setup, { ...acme, databaseSchema: schema })

describe('an archive', () => {
  it('says what it holds, and the registry says the same', async () => {
    const report = await setup.backups.create(setup.work(), acme)
    const manifest = await readManifest(setup.store, report.prefix)
    expect(parseArchivePrefix(report.prefix).schema).toBe(acme.databaseSchema)
    expect(report).toMatchObject({
      hash: manifest.hash,
      rows: manifest.rows,
      tables: 17,
      schemaVersion: 4,
      drift: null,
    })
    expect(manifest).toMatchObject({
      kind: 'tenant',
      tenant: { id: acme.id, slug: 'acme' },
      schema: { source: 'migrations' },
    })
    const sizes = await Promise.all(
      (await storedKeys(setup.store, report.prefix))
        .filter(key => !key.endsWith('manifest.json'))
        .map(async key => (await readObject(setup.store, key)).length),
    )
    expect(manifest.storedBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    expect(await setup.sql('select * from tenant_backups where archive_key = $1', [report.prefix])).toMatchObject([
      { tenant_id: acme.id, slug: 'acme', archive_hash: report.hash, rows: String(report.rows), schema_version: 4 },
    ])
    const history = await setup.sql(
      `select who, after from tenant_audit where action = 'backup.create' and tenant_id = $1`,
      [acme.id],
    )
    expect(history).toMatchObject([{ who: 'asha', after: { archive: report.prefix, hash: report.hash } }])
  })

  it('has no object for a table without rows', async () => {
    const { prefix } = await setup.backups.create(setup.work(), acme)
    const manifest = await readManifest(setup.store, prefix)
    const empty = manifest.tables.filter(table => table.rows === 0)
    expect(empty.length).toBeGreaterThan(3)
    expect(empty.every(table => table.object === null && table.bytes === 0)).toBe(true)
    expect((await storedKeys(setup.store, prefix)).length).toBe(manifest.tables.length - empty.length + 2)
  })

  it('gives the same rows back', async () => {
    const { prefix } = await setup.backups.create(setup.work(), acme)
    await restoreByHand(await readManifest(setup.store, prefix), prefix, 'again')
    expect(await contentIn('again')).toEqual(await contentIn(acme.databaseSchema))
  })

  it('never shares its place with another of the same second', async () => {
    const reports = []
    for (let count = 0; count < 3; count++) reports.push(await setup.backups.create(setup.work(), acme))
    expect(new Set(reports.map(report => report.prefix)).size).toBe(3)
  })

  it('is the same in content when nothing changed', async () => {
    const [first, second] = [
      await setup.backups.create(setup.work(), acme),
      await setup.backups.create(setup.work(), acme),
    ]
    const manifests = [await readManifest(setup.store, first.prefix), await readManifest(setup.store, second.prefix)]
    expect(manifests[0]?.tables).toEqual(manifests[1]?.tables)
    expect(manifests[0]?.schema).toEqual(manifests[1]?.schema)
  })
})

const HOSTILE = `
  create type mood as enum ('fine', 'it''s "bad"');
  create domain cents as int check (value >= 0);
  create sequence "Num""bers" start 7;
  select nextval('"Num""bers"'), nextval('"Num""bers"');
  create table "we""ird. ta/ble
$é%" (
    "id" int generated always as identity primary key,
    "a ""b"".c" jsonb, "select" numeric, at timestamptz, raw bytea, list text[], "é
" text, feeling mood, price cents,
    counted int default nextval('"Num""bers"'),
    twice int generated always as (price * 2) stored
  );
  insert into "we""ird. ta/ble
$é%" ("a ""b"".c", "select", at, raw, list, "é
", feeling, price) values
    ('{"a": "\\u00e9\\n\\t\\\\", "b": [1e400, null]}', 'NaN', '2024-02-29 23:59:59.123456+05:30', '\\x00ff0a5c09', '{a,NULL,"",",\\\\"}', e'\\n\\t\\r\\\\ \\\\. \\\\N', 'fine', 3),
    (null, 12345678901234567890.1234567890, 'infinity', '', '{}', '', 'it''s "bad"', null),
    ('{}', -0.00, '0044-03-15 12:00:00+00 BC', null, null, E'\\\\.', null, 0),
    (null, 'Infinity', null, null, null, '😀 tenant', null, null);
  create table parted (day date not null, n int) partition by range (day);
  create table parted_2024 partition of parted for values from ('2024-01-01') to ('2025-01-01');
  create table parted_rest partition of parted default;
  insert into parted values ('2024-05-01', 1), ('2030-01-01', 2);
  create view paid as select u.id, u.email, r.name as role from users u join roles r on r.name = u.role where u.is_active;
  create function touch() returns trigger language plpgsql as $body$ begin new.updated_at := now(); return new; end $body$;
  create trigger users_touch before update on users for each row execute function touch();
  create index users_lower_idx on users (lower(first_name)) where is_active;
  alter table roles add constraint roles_not_root check (name <> 'root') not valid;
  comment on table parted is 'split by day';
`

describe('a schema that differs from its migrations', () => {
  let drifted: TenantRow
  beforeAll(async () => {
    drifted = await setup.console.createTenant('drifted')
    await setup.sql(`begin; set local search_path to ${drifted.databaseSchema}, extensions; ${HOSTILE}; commit`)
  })

  it('is archived with the definitions of pg_dump, and the difference is named', async () => {
    const report = await setup.backups.create(setup.work(), drifted)
    expect(report.drift).toContain('extra')
    const manifest = await readManifest(setup.store, report.prefix)
    expect(manifest.schema.source).toBe('pg_dump')
    expect(manifest.tables.map(table => table.name)).toEqual(expect.arrayContaining(['parted_2024', 'parted_rest']))
    expect(manifest.tables.map(table => table.name)).not.toContain('parted')
    expect(manifest.sequences).toEqual(expect.arrayContaining([{ name: 'Num"bers', lastValue: '12', isCalled: true }]))
    const read = await openArchive(setup.store, report.prefix, never)
    expect(await verifyObjects(read, never)).toMatchObject({ isWhole: true, problems: [] })
    await restoreByHand(manifest, report.prefix, 'hostile')
    expect(await contentIn('hostile')).toEqual(await contentIn(drifted.databaseSchema))
    const again = await setup.sql(
      `select count(*)::int as n from pg_class where relnamespace = 'hostile'::regnamespace
       union all select count(*)::int from pg_class where relnamespace = '${drifted.databaseSchema}'::regnamespace`,
    )
    expect(again[0]).toEqual(again[1])
  })

  it('is refused, with the difference, where no pg_dump can be used', async () => {
    const before = await storedKeys(setup.store)
    await expect(setup.backups.create(setup.work({ server: undefined }), drifted)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { reason: 'drifted', drift: expect.stringContaining('extra') },
    })
    expect(await storedKeys(setup.store)).toEqual(before)
  })

  it('is refused when a function names the schema itself', async () => {
    const own = await setup.console.createTenant('selfish')
    await setup.sql(
      `create function ${own.databaseSchema}.me() returns bigint language sql as $$ select count(*) from ${own.databaseSchema}.users $$`,
    )
    await expect(setup.backups.create(setup.work(), own)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'drifted', drift: expect.stringContaining('function') },
    })
  })
})

describe('while a backup runs', () => {
  it('writers go on, and the archive has what was there at its beginning', async () => {
    const tenant = await setup.console.createTenant('busy')
    const before = await contentIn(tenant.databaseSchema)
    let written = 0
    const onProgress = () => {
      written++
      void setup.sql(
        `insert into ${tenant.databaseSchema}.audit_logs (action, entity_type) values ('new', 'x');
         update ${tenant.databaseSchema}.users set first_name = 'Changed'`,
      )
    }
    const { prefix } = await setup.backups.create(setup.work(), tenant, { onProgress })
    expect(written).toBeGreaterThan(0)
    await restoreByHand(await readManifest(setup.store, prefix), prefix, 'before')
    expect(await contentIn('before')).toEqual(before)
    expect(await contentIn(tenant.databaseSchema)).not.toEqual(before)
  })

  it('a second one of the same tenant is refused, one of another is not', async () => {
    const other = await setup.console.createTenant('other')
    let second: Promise<unknown> | undefined
    let third: Promise<unknown> | undefined
    const onProgress = () => {
      second ??= setup.backups.create(setup.work(), acme).catch((error: unknown) => error)
      third ??= setup.backups.create(setup.work(), other).catch((error: unknown) => error)
      return Promise.all([second, third])
    }
    const blocking = {
      ...setup.store,
      put: setup.store.put.bind(setup.store),
      list: setup.store.list.bind(setup.store),
    }
    const store = Object.assign(Object.create(setup.store), {
      put: async (...args: Parameters<typeof blocking.put>) => {
        await onProgress()
        return await blocking.put(...args)
      },
    })
    await setup.backups.create(setup.work({ store }), acme)
    expect(await second).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('acme'),
      details: { reason: 'backup-running' },
    })
    expect(await third).toMatchObject({ tables: 17 })
  })

  it('a tenant that is dropped meanwhile waits for it', async () => {
    const tenant = await setup.console.createTenant('leaving')
    let dropped: Promise<unknown> | undefined
    const onProgress = () => {
      dropped ??= setup.sql(`drop schema ${tenant.databaseSchema} cascade`)
    }
    const { prefix } = await setup.backups.create(setup.work(), tenant, { onProgress })
    await dropped
    expect((await readManifest(setup.store, prefix)).rows).toBeGreaterThan(30)
    await expect(setup.backups.create(setup.work(), tenant)).rejects.toMatchObject({
      code: 'TENANT_UNAVAILABLE',
      details: { reason: 'schema-gone' },
    })
  })

  it('a schema that is renamed meanwhile is told, and nothing stays', async () => {
    const tenant = await setup.console.createTenant('renamed')
    let renamed: Promise<unknown> | undefined
    const store = Object.assign(Object.create(setup.store), {
      put: async (...args: Parameters<typeof setup.store.put>) => {
        renamed ??= setup.sql(`alter schema ${tenant.databaseSchema} rename to elsewhere`)
        await renamed
        return await setup.store.put(...args)
      },
    })
    await expect(setup.backups.create(setup.work({ store }), tenant)).rejects.toMatchObject({
      code: 'TENANT_UNAVAILABLE',
    })
    expect(await storedKeys(setup.store, `backups/schemas/${tenant.databaseSchema}`)).toEqual([])
  })

  it('a table that somebody holds locked is named, with who holds it', async () => {
    const tenant = await setup.console.createTenant('locked')
    await setup.sql(`begin; lock table ${tenant.databaseSchema}.payroll`)
    const failing = setup.backups.create(setup.work(), tenant, { lockTimeoutMs: 200 })
    await expect(failing).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('"payroll" is locked by postgres'),
      details: { reason: 'locked', table: 'payroll' },
    })
    await setup.sql('rollback')
    expect(await storedKeys(setup.store, `backups/schemas/${tenant.databaseSchema}`)).toEqual([])
  })

  it('its connections are free again at the end, also the locks', async () => {
    await eventually(async () => {
      const left = await setup.sql(
        `select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) union all
         select 1 from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`,
      )
      return left.length === 0 ? true : undefined
    })
  })
})

describe('the cost of a backup', () => {
  it('in queries does not depend on how many tenants there are', async () => {
    await using alone = await backupSetup()
    const only = await alone.console.createTenant('only')
    const count = async (from: BackupSetup, tenant: TenantRow) => {
      await from.backups.create(from.work(), tenant)
      let queries = 0
      const registry = from.registry()
      const counting: typeof registry = {
        ...registry,
        session: work =>
          registry.session(async session => {
            const { query } = session.connection
            session.connection.query = new Proxy(query, {
              apply: (target, self, given) => {
                queries++
                return Reflect.apply(target, self, given)
              },
            })
            return await work(session).finally(() => {
              session.connection.query = query
            })
          }),
      }
      await from.backups.create(from.work({ registry: counting }), tenant)
      return queries
    }
    const many = await count(setup, acme)
    expect(many).toBe(await count(alone, only))
    // 17 tables.
    expect(many).toBeLessThan(17 + 22)
  })

  it('is found through indexes: no catalog is scanned', async () => {
    await setup.registry().session(async ({ connection }) => {
      const snapshot = await openSnapshot(connection, acme.databaseSchema)
      await readDefinitions(connection, snapshot.oid)
      // Of this transaction.
      const found = await connection.query<{ name: string; scans: string }>(
        `select name, pg_stat_get_xact_numscans(name::regclass) as scans from unnest($1::text[]) as name`,
        [
          [
            'pg_depend_reference_index',
            'pg_class',
            'pg_attribute',
            'pg_constraint',
            'pg_index',
            'pg_depend',
            'pg_type',
            'pg_proc',
          ],
        ],
      )
      await connection.query('rollback')
      const [index, ...catalogs] = found.rows
      expect(Number(index?.scans)).toBeGreaterThan(0)
      expect(catalogs.filter(catalog => catalog.scans !== '0')).toEqual([])
    })
  })
})
