import pg from 'pg'

type Sql = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>

/** Everything a schema holds, as text: rows by table, and its definitions free of the schema's name. */
export type Fingerprint = Record<string, string>

const DEFINITIONS = `
  with own as (
    select c.oid, c.relname, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1
  ), lines as (
    select format('column %s.%s %s %s %s %s', o.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attidentity::text || a.attgenerated::text, coalesce(pg_get_expr(d.adbin, d.adrelid), '')) as line
      from own o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum where o.relkind in ('r', 'p', 'v')
    union all select 'index ' || pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid from pg_index i join own o on o.oid = i.indrelid
    union all select format('constraint %s %s %s %s', o.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
      from pg_constraint k join own o on o.oid = k.conrelid
    union all select format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled)
      from pg_trigger t join own o on o.oid = t.tgrelid where not t.tgisinternal
    union all select 'function ' || pg_get_functiondef(p.oid) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = $1 and p.prokind in ('f', 'p')
    union all select 'view ' || o.relname || pg_get_viewdef(o.oid) from own o where o.relkind = 'v'
    union all select format('sequence %s %s', o.relname, s.last_value) from own o join pg_sequences s
      on s.schemaname = $1 and s.sequencename = o.relname
  )
  select replace(line, $1 || '.', '') as line from lines order by 1`

/** Rows bit for bit as PostgreSQL writes them, whatever their order; equal fingerprints are equal tenants. */
export async function fingerprint(sql: Sql, schema: string): Promise<Fingerprint> {
  const tables = await sql(
    `select c.relname as name, format('%I.%I', $1::text, c.relname) as source
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p') order by 1`,
    [schema],
  )
  const result: Fingerprint = {}
  const parts = tables.map(
    ({ name, source }) => `select ${pg.escapeLiteral(String(name))} as name,
      count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text collate "C")), '') as hash from ${source} t`,
  )
  const found = parts.length === 0 ? [] : await sql(parts.join(' union all '))
  for (const { name, hash } of found) result[String(name)] = String(hash)
  const lines = await sql(DEFINITIONS, [schema])
  result.definitions = lines.map(({ line }) => line).join('\n')
  return result
}
