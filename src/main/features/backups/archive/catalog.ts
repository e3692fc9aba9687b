import type { Connection } from '../../../connections/postgres/pool.ts'

export interface ShapeColumn {
  name: string
  /** As format_type writes it under the tenant's search path. */
  type: string
  nullable: boolean
  /** Position in the primary key, from 1; null outside it. */
  keyPosition: number | null
}

/** A table whose rows are its own: partitions are tables, the partitioned table above them holds no row. */
export interface ShapeTable {
  name: string
  /** In their order; generated columns are left out, the database computes them again. */
  columns: ShapeColumn[]
  hasGenerated: boolean
  /** The planner's estimate; -1 where nobody counted yet. */
  estimatedRows: number
  /** Bytes of the heap and of large values, as they lie on the disk. */
  sizeBytes: number
}

export interface TenantShape {
  tables: ShapeTable[]
  sequences: string[]
  /** Relations that belong to an extension installed into the schema itself. */
  ofExtensions: string[]
}

/**
 * Plans for reading one schema from the catalog must not depend on how many tables the server holds. pg_class has no index by
 * schema; pg_depend has: every relation of a schema is recorded there as depending on it. Statistics of catalogs are often stale,
 * so other plans are ruled out for the transaction rather than hoped against.
 */
export const CATALOG_SETTINGS =
  'SET LOCAL enable_seqscan TO off; SET LOCAL enable_hashjoin TO off; SET LOCAL enable_mergejoin TO off; SET LOCAL jit TO off'

/** Relations of schema $1 (its oid), as `relation`. */
export const RELATIONS = `relation as materialized (
  select c.oid, c.relname, c.relkind, c.relnatts, c.reltuples, c.relpages, c.reltoastrelid
  from pg_depend d join pg_class c on c.oid = d.objid
  where d.refclassid = 'pg_namespace'::regclass and d.refobjid = $1::oid and d.classid = 'pg_class'::regclass
)`

/** The schema's oid, or undefined where there is none. */
export async function findSchema(connection: Connection, schema: string): Promise<number | undefined> {
  const found = await connection.query<{ oid: number }>('select oid from pg_namespace where nspname = $1', [schema])
  return found.rows[0]?.oid
}

/** Reads the tables of a schema in the transaction's snapshot. Its cost depends on this schema only. */
export async function readShape(connection: Connection, oid: number): Promise<TenantShape> {
  const found = await connection.query<{ shape: TenantShape }>(SHAPE, [oid])
  return found.rows[0]?.shape ?? { tables: [], sequences: [], ofExtensions: [] }
}

const SHAPE = `with ${RELATIONS}
select json_build_object(
  'tables', (
    select coalesce(json_agg(json_build_object(
      'name', r.relname,
      'estimatedRows', r.reltuples::bigint,
      'sizeBytes', pg_table_size(r.oid),
      'hasGenerated', exists (select from pg_attribute g where g.attrelid = r.oid and g.attnum > 0 and g.attgenerated <> ''),
      'columns', (
        select coalesce(json_agg(json_build_object(
          'name', a.attname,
          'type', format_type(a.atttypid, a.atttypmod),
          'nullable', not a.attnotnull,
          'keyPosition', (
            select array_position(k.conkey, a.attnum) from pg_constraint k where k.conrelid = r.oid and k.contype = 'p'
          )
        ) order by a.attnum), '[]')
        from pg_attribute a
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      )
    ) order by r.relname collate "C"), '[]')
    from relation r where r.relkind = 'r'
  ),
  'sequences', (select coalesce(json_agg(r.relname order by r.relname collate "C"), '[]') from relation r where r.relkind = 'S'),
  'ofExtensions', (
    select coalesce(json_agg(r.relname order by r.relname collate "C"), '[]') from relation r
    where exists (
      select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = r.oid and e.deptype = 'e'
    )
  )
) as shape`
