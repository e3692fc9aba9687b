import type { FleetState } from '#shared/contract/migrations.ts'
import { cutPage, decodeCursor, type Page } from '../../connections/postgres/cursor.ts'
import type { ReadTx } from '../../connections/postgres/database.ts'
import { EFFECTIVE_STATUS, IS_LOCKED } from '../tenants/tenant-lock.ts'
import type { FleetMigration } from './migration-files.ts'

export interface StateCount {
  version: number
  state: FleetState
  tenants: number
}

export interface Board {
  /** Tenants by the highest version that is applied and their worst state. */
  groups: StateCount[]
  /** Ledger entries by version and state; who has none is pending. */
  entries: StateCount[]
  /** Tenants with a schema. */
  built: number
  /** Tenants that are being provisioned, or whose provisioning failed: they have no schema to migrate. */
  unbuilt: number
}

export interface FleetTenant {
  id: string
  slug: string
  name: string
  status: string
  version: number
  state: FleetState
  pending: number
  problem: { version: number; name: string; error: unknown } | null
}

export interface FleetTenantQuery {
  search?: string | undefined
  states?: readonly FleetState[] | undefined
  version?: number | undefined
  limit: number
  cursor?: string | undefined
}

/** From best to worst: the state of a tenant is the worst of its migrations'. */
export const STATES_BY_WEIGHT = ['applied', 'pending', 'unknown', 'ahead', 'drifted', 'failed', 'running'] as const
const WEIGHT = (state: FleetState): number => STATES_BY_WEIGHT.indexOf(state)
const byWeight = (weight: number): FleetState => STATES_BY_WEIGHT[weight] ?? 'unknown'

/** `$1` versions and `$2` checksums of the files. */
const FILE = `file as materialized (select * from unnest($1::int[], $2::text[]) as f (version, checksum))`
const fileValues = (set: readonly FleetMigration[]): unknown[] => [
  set.map(one => one.version),
  set.map(one => one.checksum),
]

/**
 * Weight of ledger entry `m` of tenant `t` against file `f`. A `running` entry without a lock on its tenant belongs to a process that is
 * gone: it failed.
 */
const ENTRY_WEIGHT = `case
  when m.state = 'running' then case when ${IS_LOCKED} then ${WEIGHT('running')} else ${WEIGHT('failed')} end
  when m.state = 'failed' then ${WEIGHT('failed')}
  when f.version is null then
    case when m.version > coalesce((select max(version) from file), 0) then ${WEIGHT('ahead')} else ${WEIGHT('unknown')} end
  when m.state = 'unknown' then ${WEIGHT('unknown')}
  when m.state = 'pending' then ${WEIGHT('pending')}
  when m.state = 'drifted' or f.checksum <> m.checksum then ${WEIGHT('drifted')}
  else ${WEIGHT('applied')} end`

const IS_UNBUILT = `t.status in ('provisioning', 'failed')`

/** Weight of tenant `t` out of its summary `p`. */
const TENANT_WEIGHT = `case when ${IS_UNBUILT} then ${WEIGHT('unknown')}
  else greatest(coalesce(p.weight, 0), case when coalesce(p.known, 0) < (select count(*) from file) then ${WEIGHT('pending')} else 0 end) end`

/**
 * The planner takes these queries for so long that it has them compiled, which costs half a second; run as they are, they take a tenth of
 * that. Ends with the transaction.
 */
const withoutCompiling = async (tx: ReadTx<'registry'>): Promise<void> => {
  await tx.rows({ text: `select set_config('jit', 'off', true)` })
}

/** The whole fleet in one query on the registry's ledger; no tenant's schema is opened. */
export async function readBoard(tx: ReadTx<'registry'>, set: readonly FleetMigration[]): Promise<Board> {
  await withoutCompiling(tx)
  const rows = await tx.rows<{ kind: string; version: number; weight: number; tenants: number }>({
    text: `with ${FILE}, entry as materialized (
        select m.tenant_id, m.version, f.version is not null as known, ${ENTRY_WEIGHT} as weight
        from tenant_migrations m join tenants t on t.id = m.tenant_id left join file f on f.version = m.version
        where t.deleted_at is null and not ${IS_UNBUILT}
      ), per_tenant as (
        select tenant_id, max(version) filter (where weight = 0) as version, max(weight) as weight,
               count(*) filter (where known) as known
        from entry group by tenant_id
      )
      select 'group' as kind, coalesce(p.version, 0) as version, ${TENANT_WEIGHT} as weight, count(*)::int as tenants
      from tenants t left join per_tenant p on p.tenant_id = t.id where t.deleted_at is null group by 2, 3
      union all select 'entry', version, weight, count(*)::int from entry group by 2, 3
      union all select case when ${IS_UNBUILT} then 'unbuilt' else 'built' end, 0, 0, count(*)::int
      from tenants t where t.deleted_at is null group by 1`,
    values: fileValues(set),
  })
  const of = (kind: string): StateCount[] =>
    rows
      .filter(row => row.kind === kind)
      .map(({ version, weight, tenants }) => ({ version, state: byWeight(weight), tenants }))
      .sort((a, b) => b.version - a.version || WEIGHT(a.state) - WEIGHT(b.state))
  const count = (kind: string): number => rows.find(row => row.kind === kind)?.tenants ?? 0
  return { groups: of('group'), entries: of('entry'), built: count('built'), unbuilt: count('unbuilt') }
}

type TenantRecord = Omit<FleetTenant, 'state'> & { weight: number }

/** One page of tenants in the order of their slugs, by key. */
export async function listFleetTenants(
  tx: ReadTx<'registry'>,
  set: readonly FleetMigration[],
  query: FleetTenantQuery,
): Promise<Page<FleetTenant>> {
  await withoutCompiling(tx)
  const after = query.cursor === undefined ? null : (decodeCursor(query.cursor, 1)[0] ?? '')
  const pattern = query.search === undefined ? null : `%${query.search.replace(/[\\%_]/g, '\\$&')}%`
  const rows = await tx.rows<TenantRecord>({
    text: `with ${FILE}
      select t.id, t.slug, t.name, ${EFFECTIVE_STATUS} as status, coalesce(p.version, 0) as version,
             ${TENANT_WEIGHT} as weight, p.problem,
             case when ${IS_UNBUILT} then 0 else (select count(*) from file)::int - coalesce(p.known, 0)::int end as pending
      from tenants t
      left join lateral (
        select max(e.version) filter (where e.weight = 0) as version, max(e.weight) as weight,
               count(*) filter (where e.known) as known,
               (array_agg(jsonb_build_object('version', e.version, 'name', e.name, 'error', e.error)
                  order by e.weight desc, e.version) filter (where e.weight >= ${WEIGHT('unknown')}))[1] as problem
        from (
          select m.version, m.name, m.error, f.version is not null as known, ${ENTRY_WEIGHT} as weight
          from tenant_migrations m left join file f on f.version = m.version where m.tenant_id = t.id
        ) e
      ) p on true
      where t.deleted_at is null and ($3::text is null or t.slug > $3)
        and ($4::text is null or t.slug ilike $4 or t.name ilike $4)
        and ($5::int[] is null or ${TENANT_WEIGHT} = any ($5))
        and ($6::int is null or coalesce(p.version, 0) = $6)
      order by t.slug limit $7`,
    values: [
      ...fileValues(set),
      after,
      pattern,
      query.states?.map(WEIGHT) ?? null,
      query.version ?? null,
      query.limit + 1,
    ],
  })
  const tenants = rows.map(({ weight, ...row }): FleetTenant => ({ ...row, state: byWeight(weight) }))
  return cutPage(tenants, query.limit, row => [row.slug])
}

export interface HistoryEntry {
  version: number
  name: string
  state: FleetState
  appliedAt: string | null
  appliedBy: string | null
  durationMs: number | null
  error: unknown
}

/** What the ledger holds of one tenant, in the order of the versions. */
export async function readHistory(
  tx: ReadTx<'registry'>,
  set: readonly FleetMigration[],
  tenantId: string,
): Promise<HistoryEntry[]> {
  const rows = await tx.rows<Omit<HistoryEntry, 'state'> & { weight: number }>({
    text: `with ${FILE}
      select m.version, m.name, ${ENTRY_WEIGHT} as weight, m.applied_at as "appliedAt", m.applied_by as "appliedBy",
             m.duration_ms as "durationMs", m.error
      from tenant_migrations m join tenants t on t.id = m.tenant_id left join file f on f.version = m.version
      where m.tenant_id = $3 order by m.version`,
    values: [...fileValues(set), tenantId],
  })
  return rows.map(({ weight, ...row }) => ({ ...row, state: byWeight(weight) }))
}
