import type { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'

export interface RunOptions {
  /** Only these; all that need work when absent. */
  tenantIds?: readonly string[] | undefined
  /** Connections that work at once; fewer where the server has fewer free ones. */
  workers: number
  /** Run first, alone: chosen tenants, or as many of the smallest. */
  canary: { tenantIds: readonly string[] } | { smallest: number }
  /** After canaries without a failure: wait for `RunControl.resume`, or go on after this many milliseconds. */
  afterCanary: 'ask' | number
  /** Share of the remaining tenants in each later wave, 1 to 100. */
  wavePercent: number
  /** Milliseconds, where a migration's own directive says nothing else. */
  lockTimeoutMs: number
  statementTimeoutMs: number
  /** Milliseconds a tenant may take with repeated tries behind locks, deadlocks and lost connections. */
  retryBudgetMs: number
  /** No further tenant is begun when that many have failed. */
  stopAfterFailures: number
  /** Or when all together have lost this many milliseconds to locks. */
  stopAfterLockWaitMs: number
}

export const RUN_DEFAULTS: RunOptions = {
  workers: 2,
  canary: { smallest: 1 },
  afterCanary: 0,
  wavePercent: 25,
  lockTimeoutMs: 2_000,
  statementTimeoutMs: 300_000,
  retryBudgetMs: 30_000,
  stopAfterFailures: 5,
  stopAfterLockWaitMs: 600_000,
}

export const OUTCOMES = ['migrated', 'failed', 'skipped', 'not-run'] as const

export interface TenantOutcome {
  tenantId: string
  slug: string
  state: (typeof OUTCOMES)[number]
  /** What this run applied, also where it failed later. */
  versions: number[]
  durationMs: number
  retries: number
  /** What was found and put right on the way, such as an invalid index that was rebuilt. */
  notes: string[]
  /** Why it was skipped or not run. */
  reason: string | null
  error: Json
}

export interface RunReport {
  outcomes: TenantOutcome[]
  migrated: number
  failed: number
  skipped: number
  notRun: number
  /** Why the run ended before its last tenant; null when it did not. */
  stopped: string | null
}

export interface Candidate {
  id: string
  slug: string
  schema: string
  status: string
}

/** SQLSTATEs that another try may get past. */
const RETRYABLE = new Set(['55P03', '40P01', '40001'])

export const sqlStateOf = (error: unknown): string | undefined => {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}

export const isWorthAnotherTry = (error: unknown): boolean => RETRYABLE.has(sqlStateOf(error) ?? '')

/** The server's own words help whoever wrote the migration; they come from the cause, which quotes no values. */
export function ledgerError(error: unknown, failure: AppError): Json {
  const state = sqlStateOf(error)
  return {
    code: failure.code,
    message: failure.message,
    ...(state === undefined ? {} : { sqlState: state }),
    ...(state !== undefined && failure.cause instanceof Error ? { server: failure.cause.message } : {}),
  }
}
