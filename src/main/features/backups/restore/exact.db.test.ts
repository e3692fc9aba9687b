import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { HOSTILE } from './hostile.ts'
import { readLiveState } from './live-state.ts'
import { PrepareService } from './prepare.service.ts'
import { findRestore } from './restore.repository.ts'
import { readDifferences } from './side-differences.ts'
import { type RestoreSetup, restoreSetup } from './testing.ts'

/** What comes back from an archive, to the byte. */
let setup: RestoreSetup
let tenant: TenantRow
let neighbour: TenantRow
beforeAll(async () => {
  setup = await restoreSetup()
  tenant = await setup.backup.console.createTenant('acme')
  neighbour = await setup.backup.console.createTenant('neighbour')
  const { sql } = setup.backup
  // The neighbour's rows have the same primary keys.
  await sql(`begin; set local session_replication_role = replica; truncate ${neighbour.databaseSchema}.users, ${neighbour.databaseSchema}.roles cascade;
    insert into ${neighbour.databaseSchema}.users select * from ${tenant.databaseSchema}.users;
    insert into ${neighbour.databaseSchema}.roles select * from ${tenant.databaseSchema}.roles; commit`)
})
afterAll(() => setup[Symbol.asyncDispose]())

const sql = (text: string) => setup.backup.sql(text)
const inTenant = async (text: string) => {
  await sql(`begin; set local search_path to ${tenant.databaseSchema}, extensions; ${text}; commit`).catch(
    async error => {
      await sql('rollback')
      throw error
    },
  )
}

it('restores types, names and objects of every kind as they were, from a folder and from S3', async () => {
  await inTenant(HOSTILE)
  const { settings, secret } = realS3()
  const s3 = openBackupStore(settings, secret)
  const before = await setup.stateOf(tenant.databaseSchema)
  const others = await setup.stateOf(neighbour.databaseSchema)
  for (const store of [setup.backup.store, s3]) {
    const prefix = await setup.archive(tenant, store)
    const choice = { archive: { store, prefix }, schemaChoice: 'as-archived' as const }
    const restore = await setup.prepares.prepare(setup.work(), tenant, choice)
    const side = restore.sideSchema ?? ''
    expect(restore.comparison?.filter(table => table.state !== 'equal')).toEqual([])
    expect(rowsOnly(await setup.stateOf(side))).toEqual(rowsOnly(before))
    const found = await sql(`select
      (select nodes from "${side}".totals) as nodes, (select last_value || ' ' || is_called from "${side}".child_id_seq) as sequence,
      (select obj_description('"${side}".large_commented'::regclass)) as comment,
      (select relforcerowsecurity from pg_class where oid = '"${side}".hidden'::regclass) as forced`)
    expect(found[0]).toEqual({ nodes: '3', sequence: '777 false', comment: 'Keep me', forced: true })
    await setup.prepares.discard(setup.work(), tenant, restore.id)
    await store.delete([`${prefix}manifest.json`], new AbortController().signal)
  }
  await s3.close()
  expect(await setup.stateOf(tenant.databaseSchema)).toEqual(before)
  expect(await setup.stateOf(neighbour.databaseSchema)).toEqual(others)
})

/** Rows lie elsewhere in a table that had deleted ones; the archive's order is kept all the same, and hashed. */
const rowsOnly = ({ large: _, ...state }: Record<string, string>) => state

it('names every difference of rows, also those that equality of types would not see', async () => {
  await inTenant(`create table exact (id int primary key, n numeric, c extensions.citext, t text, j json, pan text);
    insert into exact values (1, 1.0, 'A', 'x', '{"a":1}', 'AAAPA1234A'), (2, 2, 'b', 'y', '{}', 'BBBPB1234B'), (3, 3, 'c', null, null, null), (4, 4, 'd', '', null, null)`)
  const prefix = await setup.archive(tenant)
  await inTenant(`update exact set t = case id when 1 then 'y' when 2 then 'x' end where id in (1, 2);
    update exact set n = 3.00 where id = 3; delete from exact where id = 4; insert into exact values (5, 5, 'e', null, null, 'CCCPC1234C');
    update exact set pan = 'ZZZPZ1234Z' where id = 2`)
  const restore = await setup.prepare(tenant, prefix)
  const exact = restore.comparison?.find(table => table.table === 'exact')
  expect(exact).toEqual({
    table: 'exact',
    state: 'different',
    leftRows: '4',
    rightRows: '4',
    onlyLeft: '1',
    onlyRight: '1',
    changed: '3',
    hasKey: true,
    note: null,
  })
  const page = (kind: 'changed' | 'onlyLeft' | 'onlyRight', cursor?: string) =>
    setup.backup.registry().read(tx =>
      readDifferences(tx, {
        side: restore.sideSchema ?? '',
        live: tenant.databaseSchema,
        table: 'exact',
        kind,
        limit: 2,
        cursor,
      }),
    )
  const first = await page('changed')
  expect(first.rows.map(row => row.changed)).toEqual([['t'], ['t', 'pan']])
  expect(JSON.stringify(first)).not.toContain('PB1234')
  expect(JSON.stringify(first)).not.toContain('ZZZPZ')
  const second = await page('changed', first.nextCursor ?? undefined)
  expect(second).toMatchObject({
    rows: [{ changed: ['n'], left: ['3', '3', 'c', null, null, null] }],
    nextCursor: null,
  })
  expect((await page('onlyLeft')).rows).toMatchObject([{ left: ['4', '4', 'd', '', null, null], right: null }])
  expect((await page('onlyRight')).rows).toMatchObject([{ left: null, right: ['5', '5', 'e', null, null, '••••••'] }])
  await setup.prepares.discard(setup.work(), tenant, restore.id)
})

it('notices two rows that exchanged a value, and nothing else', async () => {
  await inTenant(
    `create table exchanged (id int primary key, salary int); insert into exchanged values (1, 100), (2, 200)`,
  )
  const prefix = await setup.archive(tenant)
  await inTenant(`update exchanged set salary = 300 - salary`)
  const restore = await setup.prepare(tenant, prefix)
  expect(restore.comparison?.find(table => table.table === 'exchanged')).toMatchObject({
    changed: '2',
    onlyLeft: '0',
    onlyRight: '0',
  })
  await setup.prepares.discard(setup.work(), tenant, restore.id)
})

it('compares with live once more when asked, and gives another token', async () => {
  const prefix = await setup.archive(tenant)
  const restore = await setup.prepare(tenant, prefix)
  await inTenant(`insert into roles (name) values ('newcomer')`)
  const again = await setup.prepares.recompare(setup.work(), tenant, restore.id)
  expect(again.comparison?.find(table => table.table === 'roles')).toMatchObject({
    state: 'different',
    onlyRight: '1',
    changed: '0',
  })
  expect(again.token).not.toBe(restore.token)
  // Whichever way each table was compared, the state that is confirmed is the one that the swap will read.
  const [row, live, side] = await setup.backup
    .registry()
    .read(async tx => [
      await findRestore(tx, restore.id),
      await readLiveState(tx, tenant.databaseSchema),
      await readLiveState(tx, restore.sideSchema ?? ''),
    ])
  expect(row?.plan.liveState).toEqual(live)
  expect(row?.plan.sideState).toEqual(side)
  await setup.prepares.discard(setup.work(), tenant, restore.id)
})

it('migrates an older archive forward, or leaves it as it was, by choice', async () => {
  const old = await setup.backup.console.createTenant('old')
  const last = setup.migrations.at(-1)
  const version = setup.migrations.length - 1
  await sql(
    `begin; set local search_path to ${old.databaseSchema}, extensions; ${last?.down}; delete from schema_migrations where version > ${version}; commit`,
  )
  const prefix = await setup.archive(old)
  const archive = { store: setup.backup.store, prefix }
  const versions = async (schema: string | null) =>
    (await sql(`select max(version) as version from "${schema}".schema_migrations`))[0]?.version
  const forward = await setup.prepares.prepare(setup.work(), old, { archive, schemaChoice: 'migrate' })
  expect(await versions(forward.sideSchema)).toBe(setup.migrations.length)
  expect(forward.comparison?.find(table => table.table === 'audit_logs')).toMatchObject({
    state: 'only-left',
    rightRows: null,
  })
  expect((await setup.stateOf(forward.sideSchema ?? ''))['(definitions)']).toBe(
    (await setup.stateOf(neighbour.databaseSchema))['(definitions)'],
  )
  const same = await setup.prepares.prepare(setup.work(), old, { archive, schemaChoice: 'as-archived' })
  expect(await versions(same.sideSchema)).toBe(version)
  expect(same.comparison?.every(table => table.state === 'equal')).toBe(true)
})

it('refuses to migrate what is newer than this console or has other migrations; as archived it comes back', async () => {
  const prefix = await setup.archive(neighbour)
  const archive = { store: setup.backup.store, prefix }
  const older = new PrepareService({ migrations: setup.migrations.slice(0, -1) })
  const changed = new PrepareService({
    migrations: setup.migrations.map(one => ({ ...one, checksum: '0'.repeat(64) })),
  })
  const migrate = { archive, schemaChoice: 'migrate' as const }
  await expect(older.prepare(setup.work(), neighbour, migrate)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await expect(changed.prepare(setup.work(), neighbour, migrate)).rejects.toMatchObject({ code: 'CONFLICT' })
  const restore = await older.prepare(setup.work(), neighbour, { archive, schemaChoice: 'as-archived' })
  expect(restore.state).toBe('ready')
})
