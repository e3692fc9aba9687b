import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isDestructive, LARGE_TABLE_BYTES, lintMigration, lintText } from './lint.ts'
import { loadFleetMigrations } from './migration-files.ts'

const inTransaction = { isWithoutTransaction: false }
const rules = (text: string, isWithoutTransaction = false) =>
  lintText(text, { isWithoutTransaction }, { tableBytes: new Map([['big', LARGE_TABLE_BYTES]]) }).map(one => one.rule)

describe('lint finds', () => {
  it.each([
    ['alter table t add column a int not null', ['not-null-without-default']],
    ['alter table t add a int not null', ['not-null-without-default']],
    ['alter table only public."t" add column if not exists "a" numeric(10,2) not null', ['not-null-without-default']],
    ['alter table t add column a uuid primary key', ['not-null-without-default', 'index-blocks-writes']],
    ['alter table t add column a uuid not null default gen_random_uuid()', ['volatile-default']],
    ['alter table t add column a float default random()', ['volatile-default']],
    ['alter table t add column a timestamptz default clock_timestamp()', ['volatile-default']],
    ['alter table t add column a int default app.mystery(1)', ['volatile-default']],
    ['alter table t add column a int default "Mystery"()', ['volatile-default']],
    ['alter table t add column a bigserial', ['volatile-default']],
    ['alter table t add column a int generated always as identity', ['volatile-default']],
    ['alter table t add column a int generated always as (b + 1) stored', ['volatile-default']],
    ['alter table t add column a int check (a > 0)', ['constraint-validates']],
    ['alter table t add column a int default 1 references other (id)', ['constraint-validates']],
    ['alter table t add column a text unique', ['index-blocks-writes']],
    ['create index i on big (a)', ['index-blocks-writes']],
    ['create unique index if not exists i on only app.big using btree (a)', ['index-blocks-writes']],
    ['alter table t alter column a type bigint', ['type-change-rewrites']],
    ['alter table t alter a set data type text using a::text', ['type-change-rewrites']],
    ['alter table t alter column a set not null', ['set-not-null-scans']],
    ['alter table t add constraint c check (a > 0)', ['constraint-validates']],
    ['alter table t add foreign key (a) references o (id)', ['constraint-validates']],
    ['alter table t add constraint u unique (a)', ['index-blocks-writes']],
    ['alter table t add primary key (a)', ['index-blocks-writes']],
    ['alter table t drop column a, drop b cascade', ['drops-column', 'drops-column']],
    ['drop table if exists t', ['drops-table']],
    ['drop schema s cascade', ['drops-table']],
    ['truncate t', ['deletes-rows']],
    ['delete from only t where a = 1', ['deletes-rows']],
    ['create index concurrently i on t (a)', ['needs-no-transaction']],
    ['drop index concurrently i', ['needs-no-transaction']],
    ['reindex table concurrently t', ['needs-no-transaction']],
    ['vacuum t', ['needs-no-transaction']],
    ['begin; select 1; commit', ['controls-transaction', 'controls-transaction']],
    ['start transaction', ['controls-transaction']],
    ['\\copy t from stdin', ['controls-transaction']],
    ['set search_path to x', ['changes-session']],
    ['set local search_path to x', ['changes-session']],
    ['reset all', ['changes-session']],
    [`do $$ begin execute 'drop table t'; end $$`, ['hidden-statements']],
    [`select 'open`, ['unreadable']],
  ])('%s → %j', (text, expected) => {
    expect(rules(text)).toEqual(expected)
  })
})

describe('lint is silent about', () => {
  it.each([
    'alter table t add column a int',
    'alter table t add column a int not null default 0',
    `alter table t add column a text not null default 'not null; drop table t'`,
    'alter table t add column a timestamptz not null default now()',
    'alter table t add column a numeric(10,2) default (1.5)::numeric(10,2)',
    'alter table t add column a int default 1 constraint c not null',
    'alter table t add column a int references other (id)',
    'create index i on small (a)',
    'create table big (a int not null); create index i on big (a); alter table big add constraint c check (a > 0)',
    'alter table t add constraint c check (a > 0) not valid',
    'alter table t add constraint c foreign key (a) references o (id) not valid',
    'alter table t validate constraint c',
    'alter table t add constraint u unique using index i',
    'alter table t drop constraint c',
    'alter table t alter constraint c deferrable',
    'alter table t alter column a drop default, alter column a set default 1',
    'alter table t alter column type set default 1',
    'drop index i',
    'set local work_mem to 1000',
    'set constraints all deferred',
    `comment on table t is 'drop table t; begin'`,
    '-- drop table t\n/* alter table t drop column a; /* nested */ */ select 1',
    `create function f() returns void language plpgsql as $f$ begin drop table t; end $f$`,
    'create function f() returns int begin atomic; select 1; end',
  ])('%s', text => {
    expect(rules(text)).toEqual([])
  })

  it('concurrent indexes of a migration without a transaction', () => {
    expect(rules('create index concurrently i on big (a)', true)).toEqual([])
  })

  it('nothing that is only written differently', () => {
    const spaces = ['\n', '\t', ' -- drop table t\n', '/* ; */', ' /* '.concat(`' `, '*/ '), '\r\n  ']
    const words = 'ALTER TABLE "T" ADD COLUMN a INT NOT NULL , DROP COLUMN b'.split(' ')
    for (let round = 0; round < 200; round += 1) {
      const text = words
        .map((word, index) => word + spaces[(round * 7 + index * (1 + (round % 5))) % spaces.length])
        .join('')
      expect([text, rules(text)]).toEqual([text, ['not-null-without-default', 'drops-column']])
    }
  })
})

describe('a finding', () => {
  it('names its line and table, the reason and the safer form', () => {
    const [found] = lintText('-- why\nselect 1;\n\nalter table "Pay;roll"\n  drop column "a b"', inTransaction)
    expect(found).toMatchObject({ rule: 'drops-column', severity: 'destructive', line: 5, table: 'Pay;roll' })
    expect(found?.reason).toContain('a b')
    expect(found?.safer).not.toBe('')
  })

  it('says that there is no way back', () => {
    const migration = { version: 7, name: 'x', up: 'select 1', down: null, directives: inTransaction }
    expect(lintMigration(migration)).toMatchObject([
      { rule: 'missing-down', reason: expect.stringContaining('0007_x.down.sql') },
    ])
    expect(lintMigration({ ...migration, down: 'select 1' })).toEqual([])
  })

  it('decides whether a destructive confirmation is asked for', () => {
    expect(isDestructive(lintText('drop table t', inTransaction))).toBe(true)
    expect(isDestructive(lintText('alter table t add a int not null', inTransaction))).toBe(false)
  })

  it('is made for none of the built-in migrations, all of whose ways back are destructive', async () => {
    const set = await loadFleetMigrations(resolve(import.meta.dirname, '..', '..', '..', '..', 'migrations', 'tenant'))
    for (const migration of set) {
      expect(lintMigration(migration)).toEqual([])
      expect(isDestructive(lintText(migration.down ?? '', inTransaction))).toBe(true)
    }
  })
})
