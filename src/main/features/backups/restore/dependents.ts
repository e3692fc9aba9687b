import { AppError } from '#shared/errors.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'

/** Views, foreign keys, functions, partitions and publications outside a schema that hold on to its tables, not to their names. */
const OUTSIDE = `
  with own as (
    select c.oid, n.oid as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1
  )
  select distinct format('view %I.%I', n.nspname, v.relname) as what
  from own join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = own.oid and d.classid = 'pg_rewrite'::regclass
  join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class join pg_namespace n on n.oid = v.relnamespace
  where v.relnamespace <> own.schema
  union
  select format('foreign key %I of %I.%I', k.conname, n.nspname, c.relname)
  from own join pg_constraint k on k.confrelid = own.oid and k.contype = 'f'
  join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relnamespace <> own.schema
  union
  select format('function %I.%I', n.nspname, p.proname)
  from own join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = own.oid and d.classid = 'pg_proc'::regclass
  join pg_proc p on p.oid = d.objid join pg_namespace n on n.oid = p.pronamespace
  where p.pronamespace <> own.schema
  union
  select format('table %I.%I', n.nspname, c.relname)
  from own join pg_inherits i on i.inhparent = own.oid join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relnamespace <> own.schema
  union
  select format('publication %I', p.pubname) from own join pg_publication_rel r on r.prrelid = own.oid join pg_publication p on p.oid = r.prpubid
  order by 1`

/** What would go on using the tables of this schema after it was renamed, in words. */
export const outsideDependents = async (tx: ReadTx<'registry'>, schema: string): Promise<string[]> =>
  (await tx.rows<{ what: string }>({ text: OUTSIDE, values: [schema] })).map(row => row.what)

const SHOWN = 10

/** Rejects with CONFLICT: a swap by rename would leave these with the old data, without a word. */
export async function refuseDependents(tx: ReadTx<'registry'>, schema: string): Promise<void> {
  const found = await outsideDependents(tx, schema)
  if (found.length === 0) return
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : ''
  throw new AppError(
    'CONFLICT',
    `Outside the tenant, others use its tables: ${found.slice(0, SHOWN).join(', ')}${more}.`,
    {
      hint: 'They would go on using the old tables after the swap. Drop them, restore, and make them again.',
      details: { reason: 'dependents', dependents: found.slice(0, 100) },
    },
  )
}
