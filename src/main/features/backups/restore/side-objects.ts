import type { WriteTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { CATALOG_SETTINGS, RELATIONS } from '../archive/catalog.ts'

/** Something that is built after the rows are there. */
export interface Later {
  sql: string
  table: string
}

export interface LaterForeignKey extends Later {
  /** The table that it refers to. */
  parent: string
}

export interface SideObjects {
  /** Statements that take away what slows loading down or checks rows whose partners are not there yet. */
  before: string[]
  /** Built under a lock that lets others read the table and build further indexes on it. */
  indexes: Later[]
  foreignKeys: LaterForeignKey[]
  /** Statements that end the work, in their order: unique indexes become constraints, views are filled, triggers are switched on. */
  after: string[]
}

interface Found {
  kind: 'foreign-key' | 'check' | 'exclusion' | 'unique' | 'index' | 'trigger' | 'forced' | 'view'
  table: string
  name: string
  /** Definition of an index or constraint; state of a trigger. */
  text: string
  /** The table that a foreign key refers to; what makes a constraint out of a unique index. */
  other: string | null
}

/**
 * Indexes are only taken away from tables that are worth it, and where taking them away loses nothing: no comment, no tablespace,
 * no statistics target, nothing else that depends on them, no part in a partitioned index.
 */
const PLAIN_INDEX = `r.relkind = 'r' and not c.relispartition and i.indisvalid and not i.indisreplident and not i.indisclustered
  and x.reltablespace = 0
  and not exists (select from pg_description t where t.objoid in (x.oid, coalesce(k.oid, 0)) and t.classoid in ('pg_class'::regclass, 'pg_constraint'::regclass))
  and not exists (select from pg_attribute a where a.attrelid = x.oid and a.attstattarget > -1)
  and not exists (select from pg_depend d where d.refclassid = 'pg_constraint'::regclass and d.refobjid = k.oid and d.deptype = 'n'
    and d.classid <> 'pg_constraint'::regclass)
  and (k.oid is null or x.reloptions is null)`

const FOUND = `with ${RELATIONS},
user_function as (
  select d.objid from pg_depend d where d.refclassid = 'pg_namespace'::regclass and d.refobjid = $1::oid and d.classid = 'pg_proc'::regclass
)
select case k.contype when 'f' then 'foreign-key' else 'check' end as kind, r.relname as table, k.conname as name,
  pg_get_constraintdef(k.oid) as text, (select f.relname from pg_class f where f.oid = nullif(k.confrelid, 0)) as other
from relation r join pg_constraint k on k.conrelid = r.oid
where r.relkind in ('r', 'p') and k.conparentid = 0 and (k.contype = 'f' or k.contype = 'c' and k.coninhcount = 0 and k.conislocal and (
  not k.convalidated
  or exists (select from pg_depend d join user_function u on u.objid = d.refobjid
    where d.classid = 'pg_constraint'::regclass and d.objid = k.oid and d.refclassid = 'pg_proc'::regclass)))
union all
select case when k.oid is null then 'index' when k.contype = 'x' then 'exclusion' else 'unique' end, r.relname, coalesce(k.conname, x.relname),
  case when k.contype = 'x' then pg_get_constraintdef(k.oid) else pg_get_indexdef(x.oid) end,
  case k.contype when 'p' then 'primary key' when 'u' then 'unique' end || format(' using index %I', x.relname)
    || case when k.condeferrable then ' deferrable' else '' end || case when k.condeferred then ' initially deferred' else '' end
from relation r join pg_class c on c.oid = r.oid join pg_index i on i.indrelid = r.oid join pg_class x on x.oid = i.indexrelid
left join pg_constraint k on k.conrelid = r.oid and k.conindid = x.oid and k.contype in ('p', 'u', 'x')
where r.relname::text = any ($2::text[]) and ${PLAIN_INDEX}
union all
select 'trigger', r.relname, t.tgname, t.tgenabled::text, null
from relation r join pg_trigger t on t.tgrelid = r.oid where not t.tgisinternal and t.tgenabled <> 'D' and r.relkind in ('r', 'p')
union all
select 'forced', r.relname, r.relname, '', null from relation r join pg_class c on c.oid = r.oid where c.relforcerowsecurity
union all
-- In the order in which they were made: one may read another.
select 'view', r.relname, lpad(r.oid::text, 10, '0'), '', null from relation r where r.relkind = 'm'
order by 1, 3, 2`

const TRIGGER_STATES: Readonly<Record<string, string>> = { O: 'enable', A: 'enable always', R: 'enable replica' }

/**
 * Reads from the catalog of a schema without rows what is to come after its rows. Foreign keys always do: rows arrive in any order.
 * `large` names the tables whose indexes are built afterwards too.
 */
export async function readSideObjects(
  tx: WriteTx<'tenant'>,
  oid: number,
  large: readonly string[],
): Promise<SideObjects> {
  await tx.script(CATALOG_SETTINGS)
  const found = await tx.rows<Found>({ text: FOUND, values: [oid, large] })
  const objects: SideObjects = { before: [], indexes: [], foreignKeys: [], after: [] }
  for (const one of found.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind])) {
    add(objects, one, quoteQualified(tx.schema, one.table))
  }
  return objects
}

/** Foreign keys go first: they hold on to unique constraints. Views are filled when all else is there, triggers switched on last. */
const ORDER: Readonly<Record<Found['kind'], number>> = {
  'foreign-key': 0,
  unique: 1,
  exclusion: 2,
  check: 3,
  index: 4,
  view: 5,
  trigger: 6,
  forced: 7,
}

function add({ before, indexes, foreignKeys, after }: SideObjects, found: Found, relation: string): void {
  const { kind, table, name, text, other } = found
  const quoted = quoteIdentifier(name)
  const constraint = (definition: string) => `alter table ${relation} add constraint ${quoted} ${definition}`
  switch (kind) {
    case 'foreign-key':
      before.push(`alter table ${relation} drop constraint ${quoted}`)
      foreignKeys.push({ sql: constraint(text), table, parent: other ?? table })
      return
    case 'check':
    case 'exclusion':
      before.push(`alter table ${relation} drop constraint ${quoted}`)
      after.push(constraint(text))
      return
    case 'unique':
      before.push(`alter table ${relation} drop constraint ${quoted}`)
      indexes.push({ sql: text, table })
      after.push(constraint(other ?? ''))
      return
    case 'index':
      before.push(`drop index ${quoted}`)
      indexes.push({ sql: text, table })
      return
    case 'trigger':
      before.push(`alter table ${relation} disable trigger ${quoted}`)
      after.push(`alter table ${relation} ${TRIGGER_STATES[text] ?? 'enable'} trigger ${quoted}`)
      return
    case 'forced':
      before.push(`alter table ${relation} no force row level security`)
      after.push(`alter table ${relation} force row level security`)
      return
    case 'view':
      after.push(`refresh materialized view ${relation}`)
  }
}
