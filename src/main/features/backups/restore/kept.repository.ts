import type { z } from 'zod'
import type { KeptSchema } from '#shared/contract/restore.model.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import { KEPT_PATTERN, parseKeptName } from './names.ts'
import { EFFECTIVE_STATE } from './restore.repository.ts'
import { isSchemaHeld } from './restore-lock.ts'

type Kept = z.infer<typeof KeptSchema>

interface Row extends Omit<Kept, 'kind' | 'createdAt'> {
  isSide: boolean
  restoredAt: string | null
}

/**
 * Schemas that a restore names, and those that have such a name without a restore: of consoles that died, or whose registry was
 * lost. What is live now is none of them, whatever it is called.
 */
const KEPT = `with candidate as (
    select n.oid, n.nspname::text as schema, r.id, coalesce(r.side_schema = n.nspname, false) as is_side
    from pg_namespace n
    left join lateral (
      select id, side_schema from tenant_restores where n.nspname in (side_schema, kept_schema) order by updated_at desc limit 1
    ) r on true
    where (r.id is not null or n.nspname ~ $1) and ($2::text[] is null or n.nspname::text = any ($2))
      and not exists (select from tenants t where t.database_schema = n.nspname)
  )
  select c.schema, c.is_side as "isSide", r.tenant_id as "tenantId", r.slug, r.id as "restoreId",
    coalesce((select sum(pg_total_relation_size(k.oid)) from pg_depend d join pg_class k on k.oid = d.objid and k.relkind in ('r', 'm')
      where d.refclassid = 'pg_namespace'::regclass and d.refobjid = c.oid and d.classid = 'pg_class'::regclass), 0)::text as "sizeBytes",
    case when not c.is_side then r.kept_until end as "keptUntil",
    coalesce(not c.is_side and r.kept_until < now(), false) as "isExpired",
    ${isSchemaHeld('c.schema')} or coalesce(${EFFECTIVE_STATE} in ('preparing', 'ready', 'swapping')
      and exists (select from tenants t where t.id = r.tenant_id), false) as "isInUse",
    case when c.is_side then r.created_at else coalesce(r.finished_at, r.updated_at) end as "restoredAt"
  from candidate c left join tenant_restores r on r.id = c.id
  order by c.schema collate "C"`

/** All of them, or the named ones. */
export async function readKept(tx: ReadTx<'registry'>, schemas: readonly string[] | null = null): Promise<Kept[]> {
  const rows = await tx.rows<Row>({ text: KEPT, values: [KEPT_PATTERN, schemas] })
  return rows.map(({ isSide, restoredAt, ...row }) => {
    const parsed = parseKeptName(row.schema)
    return { ...row, kind: parsed?.kind ?? (isSide ? 'side' : 'before'), createdAt: restoredAt ?? parsed?.at ?? null }
  })
}
