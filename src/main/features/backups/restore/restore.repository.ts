import type { Knex } from 'knex'
import { z } from 'zod'
import { TableComparison } from '#shared/contract/backup.model.ts'
import {
  RESTORE_PURPOSES,
  RESTORE_STATES,
  type Restore,
  RestoreVerification,
  SchemaChoice,
} from '#shared/contract/restore.model.ts'
import { AppError, type ErrorData } from '#shared/errors.ts'
import { type ReadTx, sql, type WriteTx } from '../../../connections/postgres/database.ts'
import { IS_LOCKED_BY_OTHERS } from '../../tenants/tenant-lock.ts'
import { isSchemaHeld } from './restore-lock.ts'
import { tokenOf } from './token.ts'

const TableState = z.object({ table: z.string(), rows: z.string(), hash: z.string() })

/** A line of a ledger. `appliedAt` is ISO 8601. */
export const LedgerLine = z.object({
  version: z.number().int(),
  name: z.string(),
  checksum: z.string(),
  appliedAt: z.string().nullable(),
  appliedBy: z.string().nullable(),
  durationMs: z.number().int().nullable(),
})
export type LedgerLine = z.infer<typeof LedgerLine>

/** What the row keeps as `plan`. Fields that are not named here are kept too. */
export const StoredPlan = z.looseObject({
  schemaChoice: SchemaChoice,
  /** Moment of the archive's snapshot. */
  archiveAt: z.string(),
  databaseSchema: z.string(),
  /** Rows of live and of the side schema in the snapshot of the comparison. */
  liveState: z.array(TableState).optional(),
  sideState: z.array(TableState).optional(),
  comparedAt: z.string().optional(),
  /** The tenant's ledger as it must be once the side schema is live; the registry's copy of it is written at the swap. */
  ledger: z.array(LedgerLine).optional(),
})
export type StoredPlan = z.infer<typeof StoredPlan>

const StoredError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullish(),
  id: z.string().optional(),
})

export const RestoreRow = z.object({
  id: z.string(),
  tenantId: z.string(),
  slug: z.string(),
  archiveKey: z.string(),
  archiveHash: z.string(),
  purpose: z.enum(RESTORE_PURPOSES),
  /** As people see it: `failed` also where the console died while preparing, `ready` where it died before the swap. */
  state: z.enum(RESTORE_STATES),
  /** As it was written. */
  storedState: z.enum(RESTORE_STATES),
  sideSchema: z.string().nullable(),
  hasSideSchema: z.boolean(),
  keptSchema: z.string().nullable(),
  hasKeptSchema: z.boolean(),
  keptUntil: z.string().nullable(),
  plan: StoredPlan,
  comparison: z.array(TableComparison).nullable(),
  verification: RestoreVerification.nullable(),
  error: StoredError.nullable(),
  reason: z.string().nullable(),
  who: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  finishedAt: z.string().nullable(),
})
export type RestoreRow = z.infer<typeof RestoreRow>

/**
 * SQL: the state that people see of restore `r`. A swap is one transaction that also writes `done`: a console that died in it changed
 * nothing, and the restore is as ready as before.
 */
export const EFFECTIVE_STATE = `case
  when r.state = 'preparing' and not ${isSchemaHeld('r.side_schema')} then 'failed'
  when r.state = 'swapping' and not exists (select 1 from (select r.tenant_id as id) t where ${IS_LOCKED_BY_OTHERS}) then 'ready'
  else r.state end`

const exists = (column: string) => `exists (select 1 from pg_namespace n where n.nspname = r.${column})`

const select = (): Knex.QueryBuilder =>
  sql('tenant_restores as r').select(
    'r.id',
    'r.tenant_id as tenantId',
    'r.slug',
    'r.archive_key as archiveKey',
    'r.archive_hash as archiveHash',
    'r.purpose',
    sql.raw(`${EFFECTIVE_STATE} as state`),
    'r.state as storedState',
    'r.side_schema as sideSchema',
    sql.raw(`${exists('side_schema')} as "hasSideSchema"`),
    'r.kept_schema as keptSchema',
    sql.raw(`${exists('kept_schema')} as "hasKeptSchema"`),
    'r.kept_until as keptUntil',
    'r.plan',
    'r.comparison',
    'r.verification',
    'r.error',
    'r.reason',
    'r.who',
    'r.created_at as createdAt',
    'r.updated_at as updatedAt',
    'r.finished_at as finishedAt',
  )

export interface NewRestore {
  id: string
  tenantId: string
  slug: string
  archiveKey: string
  archiveHash: string
  purpose: RestoreRow['purpose']
  sideSchema: string
  plan: StoredPlan
  who: string
  reason?: string | undefined
}

/** In the state `preparing`: whoever inserts it holds the lock of the side schema. */
export async function insertRestore(tx: WriteTx<'registry'>, restore: NewRestore): Promise<void> {
  await tx.run(
    sql('tenant_restores').insert({
      id: restore.id,
      tenant_id: restore.tenantId,
      slug: restore.slug,
      archive_key: restore.archiveKey,
      archive_hash: restore.archiveHash,
      purpose: restore.purpose,
      side_schema: restore.sideSchema,
      plan: JSON.stringify(restore.plan),
      who: restore.who,
      reason: restore.reason ?? null,
    }),
  )
}

export async function findRestore(tx: ReadTx<'registry'>, id: string): Promise<RestoreRow | undefined> {
  const found = await tx.row(select().where('r.id', id))
  return found === undefined ? undefined : RestoreRow.parse(found)
}

export const noSuchRestore = (): AppError =>
  new AppError('NOT_FOUND', 'This restore does not exist.', { hint: 'Look at the list of restores of this tenant.' })

/** Locks the row until the transaction ends; rejects with NOT_FOUND when there is none. */
export async function lockRestore(tx: WriteTx<'registry'>, id: string): Promise<RestoreRow> {
  const found = await tx.row(select().where('r.id', id).forUpdate('r'))
  if (found === undefined) throw noSuchRestore()
  return RestoreRow.parse(found)
}

export interface RestoreChange {
  state?: RestoreRow['storedState'] | undefined
  sideSchema?: string | null | undefined
  keptSchema?: string | null | undefined
  keptUntil?: string | null | undefined
  /** Merged into what is there: fields that are not given stay. */
  plan?: Partial<StoredPlan> | undefined
  comparison?: RestoreRow['comparison'] | undefined
  verification?: RestoreRow['verification'] | undefined
  error?: Omit<ErrorData, 'retryable'> | null | undefined
  reason?: string | null | undefined
}

const OVER: readonly string[] = ['done', 'undone', 'failed', 'cancelled', 'discarded']

const asJson = (value: unknown): string | null | undefined =>
  value === undefined || value === null ? value : JSON.stringify(value)

/** Changes what is given; the time of its end is set with a state in which nothing runs any more. */
export async function changeRestore(tx: WriteTx<'registry'>, id: string, change: RestoreChange): Promise<void> {
  const fields = {
    state: change.state,
    side_schema: change.sideSchema,
    kept_schema: change.keptSchema,
    kept_until: change.keptUntil,
    plan: change.plan === undefined ? undefined : sql.raw('plan || ?::jsonb', [JSON.stringify(change.plan)]),
    comparison: asJson(change.comparison),
    verification: asJson(change.verification),
    error: asJson(change.error),
    reason: change.reason,
    finished_at: change.state !== undefined && OVER.includes(change.state) ? sql.raw('now()') : undefined,
  }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  await tx.run(
    sql('tenant_restores')
      .where('id', id)
      .update({ ...given, updated_at: sql.raw('clock_timestamp()') }),
  )
}

/** Of one tenant, the latest first. */
export async function listRestores(tx: ReadTx<'registry'>, tenantId: string, limit: number): Promise<RestoreRow[]> {
  const query = select().where('r.tenant_id', tenantId).limit(limit)
  const found = await tx.rows(query.orderBy([{ column: 'r.created_at', order: 'desc' }, 'r.id']))
  return found.map(row => RestoreRow.parse(row))
}

/** Restores of a tenant that are on their way or ready. */
export async function openRestores(tx: ReadTx<'registry'>, tenantId: string): Promise<RestoreRow[]> {
  const query = select().where('r.tenant_id', tenantId).whereIn('r.state', ['preparing', 'ready', 'swapping'])
  const rows = (await tx.rows(query.orderBy('r.created_at'))).map(row => RestoreRow.parse(row))
  return rows.filter(row => row.state !== 'failed')
}

/** What the person confirms for the swap; null where there is nothing to confirm. */
export function tokenOfRestore(row: RestoreRow): string | null {
  const { liveState, sideState, databaseSchema, schemaChoice } = row.plan
  const isOpen = row.state === 'ready' || row.state === 'swapping'
  if (!isOpen || row.sideSchema === null || liveState === undefined || sideState === undefined) return null
  const { id: restoreId, tenantId, slug, sideSchema } = row
  const plan = { act: 'restore' as const, restoreId, tenantId, slug, databaseSchema, sideSchema, schemaChoice }
  return tokenOf({ archiveHash: row.archiveHash, live: liveState, side: sideState, plan })
}

const DIED = 'The console that worked on it is gone. What it left beside the live schema can be discarded.'
const DIED_SWAPPING =
  'The console that was swapping it is gone, and nothing was changed. If it refused writes, that ends at its limit.'

function problemOf({ state, storedState, error }: RestoreRow): string | null {
  if (error !== null) return error.message
  if (state === 'failed' && storedState !== 'failed') return DIED
  return state === 'ready' && storedState === 'swapping' ? DIED_SWAPPING : null
}

export function toRestore(row: RestoreRow): Restore {
  return {
    id: row.id,
    tenantId: row.tenantId,
    slug: row.slug,
    purpose: row.purpose,
    state: row.state,
    archive: row.archiveKey,
    archiveHash: row.archiveHash,
    archiveAt: row.plan.archiveAt,
    schemaChoice: row.plan.schemaChoice,
    sideSchema: row.hasSideSchema ? row.sideSchema : null,
    keptSchema: row.hasKeptSchema ? row.keptSchema : null,
    keptUntil: row.hasKeptSchema ? row.keptUntil : null,
    comparison: row.comparison,
    comparedAt: row.plan.comparedAt ?? null,
    verification: row.verification,
    token: tokenOfRestore(row),
    problem: problemOf(row),
    reason: row.reason,
    who: row.who,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    finishedAt: row.finishedAt,
  }
}
