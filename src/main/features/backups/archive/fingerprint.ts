import { createHash } from 'node:crypto'
import type { Connection } from '../../../connections/postgres/pool.ts'
import { RELATIONS } from './catalog.ts'

/** Raised when definitions are written in another way: texts of different formats say nothing about each other. */
export const FINGERPRINT_FORMAT = 1

/**
 * Everything that makes up a schema but its rows, one definition a line, without the schema's own name and without comments, owners
 * and privileges. Two schemas with the same text are built alike.
 */
export interface Definitions {
  text: string
  /** SHA-256 of the text. */
  fingerprint: string
}

interface Row {
  kind: string
  name: string
  definition: string
}

/**
 * Reads the definitions of the schema with this oid. The search path must begin with the schema and hold no other that could give
 * names to it: the server leaves the schema's name out only of what the path finds.
 */
export async function readDefinitions(connection: Connection, oid: number): Promise<Definitions> {
  const found = await connection.query<Row>(DEFINITIONS, [oid])
  const lines = found.rows.map(({ kind, name, definition }) => `${kind} ${line(name)}: ${line(definition)}`)
  const text = lines.sort(byCodeUnits).join('\n')
  return { text, fingerprint: fingerprintOf(text) }
}

export const fingerprintOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** Bodies of functions have several lines, and a name may hold a line break. */
const line = (text: string): string => text.replace(/[\\\n\r]/g, found => ESCAPES[found] ?? found)
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' }

export interface DefinitionDifference {
  /** For example `column employees.pan`. */
  what: string
  kind: 'missing' | 'extra' | 'changed'
}

/** What `actual` has otherwise than `expected`, in the order of names. */
export function compareDefinitions(expected: string, actual: string): DefinitionDifference[] {
  const before = byName(expected)
  const after = byName(actual)
  const missing = [...before.keys()].filter(what => !after.has(what)).map(what => ({ what, kind: 'missing' as const }))
  const others = [...after].flatMap(([what, definition]): DefinitionDifference[] => {
    if (!before.has(what)) return [{ what, kind: 'extra' }]
    return before.get(what) === definition ? [] : [{ what, kind: 'changed' }]
  })
  return [...missing, ...others].sort((a, b) => byCodeUnits(a.what, b.what))
}

const SHOWN = 5

/** For people: `extra column employees.badge, changed index users_email_key, and 3 more`. */
export function describeDifferences(differences: readonly DefinitionDifference[]): string {
  const shown = differences.slice(0, SHOWN).map(({ what, kind }) => `${kind} ${what}`)
  const rest = differences.length - shown.length
  return rest > 0 ? `${shown.join(', ')}, and ${rest} more` : shown.join(', ')
}

function byName(text: string): Map<string, string> {
  const entries = text.split('\n').map((entry): [string, string] => {
    const end = entry.indexOf(': ')
    return [entry.slice(0, end), entry.slice(end + 2)]
  })
  return new Map(text === '' ? [] : entries)
}

/** Objects of one catalog in schema $1, through the index of pg_depend. */
const inSchema = (catalog: string): string => `select d.objid from pg_depend d
  where d.refclassid = 'pg_namespace'::regclass and d.refobjid = $1::oid and d.classid = '${catalog}'::regclass`

/** Text of a not-null, a default and the like, only where there is one. */
const given = (prefix: string, expression: string): string => `coalesce('${prefix}' || (${expression}), '')`

const COLUMN = `format_type(a.atttypid, a.atttypmod)
  || case when a.attnotnull then ' not null' else '' end
  || case a.attidentity when 'a' then ' identity always' when 'd' then ' identity by default' else '' end
  || case when a.attgenerated <> '' then ' generated ' || a.attgenerated::text else '' end
  || ${given(' default ', 'select pg_get_expr(f.adbin, f.adrelid) from pg_attrdef f where f.adrelid = a.attrelid and f.adnum = a.attnum')}
  || ${given(
    ' collate ',
    `select quote_ident(l.collname) from pg_collation l join pg_type t on t.oid = a.atttypid
       where l.oid = a.attcollation and a.attcollation <> t.typcollation`,
  )}
  || ${given(' storage ', 'select a.attstorage::text from pg_type t where t.oid = a.atttypid and t.typstorage <> a.attstorage')}
  || ${given(' compression ', `nullif(a.attcompression::text, '')`)}
  || ${given(' options ', `array_to_string(a.attoptions, ', ')`)}`

const TABLE = `case r.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'f' then 'foreign table'
    when 'v' then 'view' when 'm' then 'materialized view' else 'composite type' end
  || case c.relpersistence when 'u' then ' unlogged' else '' end
  || ' (' || coalesce((
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
    where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped), '') || ')'
  || ${given(' with ', `array_to_string(c.reloptions, ', ')`)}
  || ${given(' partition by ', `case when r.relkind = 'p' then pg_get_partkeydef(r.oid) end`)}
  || ${given(' partition ', 'pg_get_expr(c.relpartbound, c.oid)')}
  || ${given(' inherits ', `select string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno) from pg_inherits i where i.inhrelid = r.oid`)}
  || case when c.relrowsecurity then ' row security' else '' end
  || case when c.relforcerowsecurity then ' forced' else '' end
  || case when c.relreplident <> 'd' then ' replica identity ' || c.relreplident::text else '' end
  || case when r.relkind in ('v', 'm') then ' as ' || pg_get_viewdef(r.oid) else '' end`

/** Everything that pg_get_functiondef writes, without the schema before the name; it refuses aggregates. */
const FUNCTION = `case p.prokind
  when 'a' then (select 'aggregate returns ' || format_type(p.prorettype, null) || ' sfunc ' || g.aggtransfn::text || ' stype '
    || format_type(g.aggtranstype, null) || ' final ' || g.aggfinalfn::text || ' initial ' || coalesce(g.agginitval, 'null')
    from pg_aggregate g where g.aggfnoid = p.oid)
  else replace(left(pg_get_functiondef(p.oid), 300), quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(',
      quote_ident(p.proname) || '(') || substr(pg_get_functiondef(p.oid), 301) end`

const TYPE = `case t.typtype
  when 'e' then 'enum (' || (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e
    where e.enumtypid = t.oid) || ')'
  when 'd' then 'domain ' || format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end
    || ${given(' default ', 't.typdefault')}
    || ${given(
      ' check ',
      `select string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ', ' order by k.conname)
         from pg_constraint k where k.conrelid = 0 and k.contypid = t.oid and k.contype = 'c'`,
    )}
  when 'r' then 'range of ' || (select format_type(g.rngsubtype, null) from pg_range g where g.rngtypid = t.oid)
  else 'type ' || t.typtype::text end`

const DEFINITIONS = `with ${RELATIONS}
select 'relation' as kind, r.relname::text as name, ${TABLE} as definition
from relation r join pg_class c on c.oid = r.oid where r.relkind in ('r', 'p', 'f', 'v', 'm', 'c')
union all
select 'column', r.relname || '.' || a.attname, ${COLUMN}
from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
where r.relkind in ('r', 'p', 'f', 'c')
union all
select 'constraint', r.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
from relation r join pg_constraint k on k.conrelid = r.oid
where r.relkind in ('r', 'p', 'f') and k.contype in ('c', 'f', 'p', 'u', 'x')
union all
select 'index', r.relname || '.' || x.relname, pg_get_indexdef(i.indexrelid, 0, true) || case when i.indisvalid then '' else ' invalid' end
from relation r join pg_index i on i.indrelid = r.oid join pg_class x on x.oid = i.indexrelid
where r.relkind in ('r', 'p', 'm')
  and not exists (select from pg_constraint k where k.conrelid = r.oid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
union all
select 'trigger', r.relname || '.' || t.tgname, pg_get_triggerdef(t.oid, true) || case t.tgenabled when 'O' then '' else ' ' || t.tgenabled::text end
from relation r join pg_trigger t on t.tgrelid = r.oid where not t.tgisinternal
union all
select 'rule', r.relname || '.' || w.rulename, pg_get_ruledef(w.oid, true)
from relation r join pg_rewrite w on w.ev_class = r.oid where w.rulename <> '_RETURN'
union all
select 'policy', r.relname || '.' || p.polname, p.polcmd::text || case when p.polpermissive then ' permissive' else ' restrictive' end
  || ${given(' using ', 'pg_get_expr(p.polqual, p.polrelid)')} || ${given(' check ', 'pg_get_expr(p.polwithcheck, p.polrelid)')}
from relation r join pg_policy p on p.polrelid = r.oid
union all
select 'sequence', r.relname::text, format_type(s.seqtypid, null) || ' start ' || s.seqstart || ' by ' || s.seqincrement || ' from ' || s.seqmin
  || ' to ' || s.seqmax || ' cache ' || s.seqcache || case when s.seqcycle then ' cycle' else '' end
  || ${given(
    ' owned by ',
    `select o.refobjid::regclass::text || '.' || a.attname from pg_depend o
       join pg_attribute a on a.attrelid = o.refobjid and a.attnum = o.refobjsubid
       where o.classid = 'pg_class'::regclass and o.objid = r.oid and o.refclassid = 'pg_class'::regclass and o.deptype in ('a', 'i') limit 1`,
  )}
from relation r join pg_sequence s on s.seqrelid = r.oid where r.relkind = 'S'
union all
select 'function', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', ${FUNCTION}
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid in (${inSchema('pg_proc')})
union all
select 'type', t.typname::text, ${TYPE}
from pg_type t where t.typtype in ('e', 'd', 'r') and t.oid in (${inSchema('pg_type')})
union all
select 'statistics', s.stxname::text, array_to_string(s.stxkind, ',') || ' on ' || s.stxrelid::regclass::text || ' '
  || coalesce(pg_get_statisticsobjdef_columns(s.oid), '')
from pg_statistic_ext s where s.oid in (${inSchema('pg_statistic_ext')})
union all
select 'other', d.classid::regclass::text || ' ' || d.objid, pg_describe_object(d.classid, d.objid, 0)
from pg_depend d
where d.refclassid = 'pg_namespace'::regclass and d.refobjid = $1::oid
  and d.classid not in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_statistic_ext'::regclass)`
