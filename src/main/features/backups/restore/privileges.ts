import type { WriteTx } from '../../../connections/postgres/database.ts'

/**
 * Owners and privileges are not part of an archive: they belong to the server. Whoever may use the live schema must be able to use the
 * one that takes its place, so they are copied by name, for the schema and all that both have.
 */
const OBJECTS = `
  with source as (select oid from pg_namespace where nspname = $1), target as (select oid from pg_namespace where nspname = $2),
  object as (
    select 0 as place, 'schema' as kind, quote_ident($2) as name, a.nspacl as acl, b.nspacl as present, a.nspowner as owner, b.nspowner as owner_now
    from pg_namespace a, pg_namespace b where a.nspname = $1 and b.nspname = $2
    union all
    select 1, case a.relkind when 'S' then 'sequence' else 'table' end, format('%I.%I', $2::text, a.relname), a.relacl, b.relacl, a.relowner,
      -- A sequence of a column follows its table's owner and refuses another.
      case when a.relkind = 'S' and exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = b.oid
        and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass) then a.relowner else b.relowner end
    from pg_class a join source s on a.relnamespace = s.oid
    join pg_class b on b.relname = a.relname and b.relkind = a.relkind join target t on b.relnamespace = t.oid
    where a.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    union all
    select 2, 'routine', format('%I.%I(%s)', $2::text, b.proname, pg_get_function_identity_arguments(b.oid)), a.proacl, b.proacl, a.proowner, b.proowner
    from pg_proc a join source s on a.pronamespace = s.oid
    join pg_proc b on b.proname = a.proname and b.prokind = a.prokind and b.pronargs = a.pronargs join target t on b.pronamespace = t.oid
    where replace(pg_get_function_identity_arguments(a.oid), quote_ident($1) || '.', quote_ident($2) || '.') = pg_get_function_identity_arguments(b.oid)
    union all
    select 3, 'type', format('%I.%I', $2::text, b.typname), a.typacl, b.typacl, a.typowner, b.typowner
    from pg_type a join source s on a.typnamespace = s.oid
    join pg_type b on b.typname = a.typname and b.typtype = a.typtype join target t on b.typnamespace = t.oid
    where a.typtype in ('e', 'd') or (a.typtype = 'c' and exists (select 1 from pg_class c where c.oid = a.typrelid and c.relkind = 'c'))
  ),
  -- Without an entry of its own an object has the built-in privileges; with one it has just those.
  differing as (select * from object where acl is distinct from present),
  statement as (
    select place, 0 as step, format('alter %s %s owner to %s', kind, name, owner::regrole) as sql from object where owner <> owner_now
    union all
    select place, 1, format('revoke all on %s %s from public, %s', kind, name, owner::regrole) from differing where acl is not null
    union all
    select place, 1, format('revoke all on %s %s from %s', kind, name,
      case e.grantee when 0 then 'public' else e.grantee::regrole::text end)
    from differing, lateral aclexplode(present) e where acl is not null
    union all
    select place, 2, format('grant %s on %s %s to %s%s', e.privilege_type, kind, name,
      case e.grantee when 0 then 'public' else e.grantee::regrole::text end, case when e.is_grantable then ' with grant option' else '' end)
    from differing, lateral aclexplode(acl) e
    union all
    select 4, 2, format('grant %s (%I) on table %I.%I to %s%s', e.privilege_type, a.attname, $2::text, c.relname,
      case e.grantee when 0 then 'public' else e.grantee::regrole::text end, case when e.is_grantable then ' with grant option' else '' end)
    from pg_class c join source s on c.relnamespace = s.oid join pg_attribute a on a.attrelid = c.oid and a.attacl is not null and not a.attisdropped
    join pg_class b on b.relname = c.relname join target t on b.relnamespace = t.oid
    join pg_attribute x on x.attrelid = b.oid and x.attname = a.attname and not x.attisdropped and x.attacl is distinct from a.attacl,
    lateral aclexplode(a.attacl) e
    union all
    select 5, 2, format('alter default privileges for role %s in schema %I grant %s on %s to %s%s', d.defaclrole::regrole, $2::text, e.privilege_type,
      case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' when 'T' then 'types' end,
      case e.grantee when 0 then 'public' else e.grantee::regrole::text end, case when e.is_grantable then ' with grant option' else '' end)
    from pg_default_acl d join source s on d.defaclnamespace = s.oid, lateral aclexplode(d.defaclacl) e
  )
  select distinct place, step, sql from statement order by place, step, sql`

/** Gives the objects of one schema the owners and privileges that the objects of the same name have in another. */
export async function copyPrivileges(tx: WriteTx<'registry'>, from: string, to: string): Promise<void> {
  const statements = await tx.rows<{ sql: string }>({ text: OBJECTS, values: [from, to] })
  if (statements.length > 0) await tx.script(statements.map(statement => statement.sql).join(';\n'))
}
