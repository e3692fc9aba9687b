import type { Knex } from 'knex'
import type { z } from 'zod'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { TenantFilter } from '#shared/contract/tenants.ts'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import { cutPage, decodeCursor, type Page } from '../../connections/postgres/cursor.ts'
import { type ReadTx, sql, type WriteTx } from '../../connections/postgres/database.ts'
import { EFFECTIVE_STATUS } from './tenant-lock.ts'

export type TenantQuery = z.output<typeof TenantFilter>

export interface NewTenant {
  id: string
  name: string
  slug: string
  databaseSchema: string
  adminEmail: string
  description: string | null
  settings: Json
}

export interface AuditNote {
  who: string
  action: string
  tenantId: string
  slug: string
  before?: Json
  after?: Json
  reason?: string | undefined
}

const COLUMNS = [
  't.id',
  't.name',
  't.slug',
  't.database_schema as databaseSchema',
  't.admin_email as adminEmail',
  't.description',
  't.settings',
  't.suspended_at as suspendedAt',
  't.suspension_reason as suspensionReason',
  't.created_at as createdAt',
  't.updated_at as updatedAt',
  't.deleted_at as deletedAt',
]

const SORT_COLUMNS = { name: 't.name', slug: 't.slug', createdAt: 't.created_at', updatedAt: 't.updated_at' } as const

const tenants = () => sql('tenants as t')

/** `%` and `_` typed by a person mean themselves. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

function filtered(query: Pick<TenantQuery, 'search' | 'status'>): Knex.QueryBuilder {
  const builder = tenants()
  if (query.search !== undefined && query.search !== '') {
    const pattern = containing(query.search)
    builder.where(any =>
      any.whereILike('t.name', pattern).orWhereILike('t.slug', pattern).orWhereILike('t.admin_email', pattern),
    )
  }
  if (query.status !== undefined) builder.whereRaw(`(${EFFECTIVE_STATUS}) = any (?)`, [[...query.status]])
  else builder.whereNull('t.deleted_at')
  return builder
}

/** One page by key, never by offset: `(sort value, id)` of the last row is where the next page begins. */
export async function listTenants(tx: ReadTx<'registry'>, query: TenantQuery): Promise<Page<TenantRow>> {
  const column = SORT_COLUMNS[query.sort]
  const builder = filtered(query)
    .select(...COLUMNS, sql.raw(`${EFFECTIVE_STATUS} as status`))
    .orderBy([
      { column, order: query.direction },
      { column: 't.id', order: query.direction },
    ])
    .limit(query.limit + 1)
  if (query.cursor !== undefined) {
    const [value, id] = decodeCursor(query.cursor, 2)
    builder.whereRaw(`(??, t.id) ${query.direction === 'asc' ? '>' : '<'} (?, ?)`, [column, value ?? '', id ?? ''])
  }
  return cutPage(await tx.rows<TenantRow>(builder), query.limit, row => [row[query.sort], row.id])
}

/** Of all that match, whatever their number. */
export async function matchingTenantIds(
  tx: ReadTx<'registry'>,
  query: Pick<TenantQuery, 'search' | 'status'>,
): Promise<string[]> {
  return (await tx.rows<{ id: string }>(filtered(query).select('t.id'))).map(row => row.id)
}

export async function countTenants(tx: ReadTx<'registry'>, query: TenantQuery): Promise<number> {
  const found = await tx.row<{ total: number }>(filtered(query).select(sql.raw('count(*)::int as total')))
  return found?.total ?? 0
}

export async function findTenant(tx: ReadTx<'registry'>, id: string): Promise<TenantRow | undefined> {
  return await tx.row<TenantRow>(
    tenants()
      .select(...COLUMNS, sql.raw(`${EFFECTIVE_STATUS} as status`))
      .where('t.id', id),
  )
}

/** Locks the row until the transaction ends; rejects with NOT_FOUND when the tenant is gone meanwhile. */
export async function lockTenant(tx: WriteTx<'registry'>, id: string): Promise<TenantRow> {
  const found = await tx.row<TenantRow>(
    tenants()
      .select(...COLUMNS, sql.raw(`${EFFECTIVE_STATUS} as status`))
      .where('t.id', id)
      .forUpdate('t'),
  )
  if (found === undefined) throw new AppError('NOT_FOUND', 'This tenant does not exist (any more).')
  return found
}

export async function insertTenant(tx: WriteTx<'registry'>, tenant: NewTenant): Promise<void> {
  await tx.run(
    sql('tenants').insert({
      id: tenant.id,
      name: tenant.name,
      slug: tenant.slug,
      database_schema: tenant.databaseSchema,
      admin_email: tenant.adminEmail,
      description: tenant.description,
      settings: JSON.stringify(tenant.settings),
      status: 'provisioning',
    }),
  )
}

export interface TenantChange {
  name?: string | undefined
  admin_email?: string | undefined
  description?: string | null | undefined
  settings?: string | undefined
  status?: string | undefined
  status_before?: string | null | undefined
  suspended_at?: Knex.Raw | null | undefined
  suspension_reason?: string | null | undefined
}

export async function changeTenant(tx: WriteTx<'registry'>, id: string, change: TenantChange): Promise<void> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  await tx.run(
    sql('tenants')
      .where('id', id)
      .update({ ...given, updated_at: sql.raw('now()') }),
  )
}

export async function removeTenant(tx: WriteTx<'registry'>, id: string): Promise<void> {
  await tx.run(sql('tenants').where('id', id).delete())
}

export async function addAudit(tx: WriteTx<'registry'>, note: AuditNote): Promise<void> {
  await tx.run(
    sql('tenant_audit').insert({
      who: note.who,
      action: note.action,
      tenant_id: note.tenantId,
      slug: note.slug,
      before: note.before === undefined ? null : JSON.stringify(note.before),
      after: note.after === undefined ? null : JSON.stringify(note.after),
      reason: note.reason ?? null,
    }),
  )
}

export interface HistoryEntry {
  id: string
  who: string
  at: string
  action: string
  before: Json | null
  after: Json | null
  reason: string | null
}

/** The latest first. */
export async function listHistory(
  tx: ReadTx<'registry'>,
  query: { tenantId: string; limit: number; cursor?: string | undefined },
): Promise<Page<HistoryEntry>> {
  const builder = sql('tenant_audit')
    .select('id', 'who', 'when as at', 'action', 'before', 'after', 'reason')
    .where('tenant_id', query.tenantId)
    .orderBy([
      { column: 'when', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(query.limit + 1)
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, 2)
    builder.whereRaw('("when", id) < (?, ?)', [at ?? '', id ?? ''])
  }
  return cutPage(await tx.rows<HistoryEntry>(builder), query.limit, entry => [entry.at, entry.id])
}

/** Whether it was to be made from an archive. */
export const wasCloned = async (tx: ReadTx<'registry'>, tenantId: string): Promise<boolean> =>
  (await tx.row(sql('tenant_audit').select('id').where({ tenant_id: tenantId, action: 'tenant.clone' }).limit(1))) !==
  undefined

/** What was typed when the tenant was created, from its history. */
export async function creationInput(tx: ReadTx<'registry'>, tenantId: string): Promise<Json | undefined> {
  const found = await tx.row<{ after: Json }>(
    sql('tenant_audit')
      .select('after')
      .where({ tenant_id: tenantId, action: 'tenant.create' })
      .orderBy('when', 'desc')
      .limit(1),
  )
  return found?.after
}
