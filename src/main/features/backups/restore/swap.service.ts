import type { TableComparison } from '#shared/contract/backup.model.ts'
import type { PendingDecision, RestoreVerification, SwapReport, UndoPlan } from '#shared/contract/restore.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { ReadDb, ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import { withTenantLock } from '../../tenants/tenant-lock.ts'
import { markRestoring, recordHistory, requireSame, unmarkRestoring } from '../../tenants/tenant-swap.ts'
import type { Decisions } from './decisions.ts'
import { namingHolders } from './holders.ts'
import { changedTables, readLiveState, type TableState } from './live-state.ts'
import { restoreNames } from './names.ts'
import { requireTenant } from './prepare-outcome.ts'
import * as repository from './restore.repository.ts'
import { type HoldRequest, type SwapPlan, type Swapped, swap, type Work } from './swap.ts'
import * as failures from './swap-errors.ts'
import { type Confirmed, tokenOf } from './token.ts'

const DAY_MS = 86_400_000
/** A table that somebody has for themselves keeps a plan from being shown for no longer. */
const PLAN_LOCK_TIMEOUT_MS = 2_000

export interface RestoreRequest extends HoldRequest {
  restoreId: string
  token: string
  keepDays: number
  onChange: 'ask' | 'stop'
  reason: string | undefined
}
export type UndoRequest = Omit<RestoreRequest, 'keepDays' | 'onChange'>

/** Rows of two schemas that have the tables of one tenant; left is what would come, right is live. */
export type CompareSchemas = (
  tx: ReadTx<'registry'>,
  schemas: { side: string; live: string },
) => Promise<TableComparison[]>

interface Dependencies {
  decisions: Decisions
  compare: CompareSchemas
  now?: () => number
}

/** One swap on its way: a restore, or its undoing. */
interface Act {
  kind: Confirmed['plan']['act']
  row: repository.RestoreRow
  incoming: string
  kept: string
  keptUntil: string
  request: Pick<RestoreRequest, keyof HoldRequest | 'token' | 'onChange' | 'reason'>
  /** Rows of live when the person looked; undefined where that is not known. */
  seen: readonly TableState[] | undefined
}

/** Days for which what an undo took away is kept. */
const KEEP_UNDONE_DAYS = 7

/** Swaps a prepared restore with live, and back. */
export class SwapService {
  private readonly decisions: Decisions
  private readonly compare: CompareSchemas
  private readonly now: () => number
  /** Rows of live when an undo was looked at, by restore: for naming what changed since. */
  private readonly undoSeen = new Map<string, readonly TableState[]>()

  constructor({ decisions, compare, now = Date.now }: Dependencies) {
    this.decisions = decisions
    this.compare = compare
    this.now = now
  }

  /**
   * Rejects with CONFLICT when the token is not that of the restore's comparison, when somebody else works on the tenant, or with
   * `{ reason: 'live-changed' }` when live changed and the person did not agree; with TIMEOUT when others keep the tables or the limit passes.
   * Live is unchanged then.
   */
  async restore(work: Work, tenant: TenantRow, request: RestoreRequest): Promise<SwapReport> {
    const row = await this.read(work.db, tenant, request.restoreId)
    if (row.state !== 'ready') throw failures.notReady(row)
    if (repository.tokenOfRestore(row) !== request.token) throw failures.staleToken()
    const { side, before } = restoreNames(tenant.databaseSchema, row.id, new Date(this.now()))
    return await this.run(work, tenant, {
      kind: 'restore',
      row,
      incoming: row.sideSchema ?? side,
      kept: before,
      keptUntil: new Date(this.now() + request.keepDays * DAY_MS).toISOString(),
      request,
      seen: row.plan.liveState ?? [],
    })
  }

  /** As `restore`, with the schema that was live before. What is live now is kept for as long as restores keep by default. */
  async undo(work: Work, tenant: TenantRow, request: UndoRequest): Promise<SwapReport> {
    const row = await this.read(work.db, tenant, request.restoreId)
    const problem = whyNotUndone(row)
    if (problem !== null || row.keptSchema === null) throw new AppError('CONFLICT', problem ?? 'Nothing is kept.')
    return await this.run(work, tenant, {
      kind: 'undo',
      row,
      incoming: row.keptSchema,
      kept: restoreNames(tenant.databaseSchema, row.id, new Date(this.now())).undone,
      keptUntil: new Date(this.now() + KEEP_UNDONE_DAYS * DAY_MS).toISOString(),
      request: { ...request, onChange: 'stop' },
      seen: this.undoSeen.get(row.id),
    })
  }

  async undoPlan(db: ReadDb<'registry'>, tenant: TenantRow, restoreId: string): Promise<UndoPlan> {
    const row = await this.read(db, tenant, restoreId)
    const restore = repository.toRestore(row)
    const problem = whyNotUndone(row)
    const { keptSchema } = row
    if (problem !== null || keptSchema === null) {
      return { restore, canUndo: false, problem, comparison: [], token: null }
    }
    return await namingHolders(db, tenant.databaseSchema, () =>
      db.read(
        async tx => {
          const live = await readLiveState(tx, tenant.databaseSchema)
          const side = await readLiveState(tx, keptSchema)
          const comparison = await this.compare(tx, { side: keptSchema, live: tenant.databaseSchema })
          this.undoSeen.set(row.id, live)
          const token = tokenOf(confirmed({ kind: 'undo', row, incoming: keptSchema }, tenant, { live, side }))
          return { restore, canUndo: true, problem: null, comparison, token }
        },
        { statementTimeoutMs: 0, lockTimeoutMs: PLAN_LOCK_TIMEOUT_MS, isSnapshot: true },
      ),
    )
  }

  private async read(db: ReadDb<'registry'>, tenant: TenantRow, id: string): Promise<repository.RestoreRow> {
    const row = await db.read(tx => repository.findRestore(tx, id))
    // A restore of another tenant does not exist for this one.
    if (row === undefined || row.tenantId !== tenant.id) throw repository.noSuchRestore()
    return row
  }

  private async run(work: Work, tenant: TenantRow, act: Act): Promise<SwapReport> {
    return await work.db.session(session =>
      withTenantLock(session.connection, tenant.id, async () => {
        await session.write(tx => begin(tx, tenant, act))
        try {
          const done = await swap(session, work, this.planOf(work, tenant, act))
          return await this.finish(work, act, done)
        } catch (error) {
          throw await settle(work, tenant, { act, error })
        }
      }),
    )
  }

  private planOf(work: Work, tenant: TenantRow, act: Act): SwapPlan {
    let side: readonly TableState[] = []
    return {
      tenant,
      incoming: act.incoming,
      kept: act.kept,
      request: act.request,
      checkIncoming: state => {
        side = state
        const expected = act.kind === 'restore' ? (act.row.plan.sideState ?? []) : state
        const changed = changedTables(expected, state)
        if (changed.length > 0) throw failures.sideChanged(changed.map(change => change.table))
      },
      agree: async (tx, live, deadline) => {
        const token = tokenOf(confirmed(act, tenant, { live, side }))
        if (token === act.request.token) return
        // What an undo showed is known to the console that showed it only.
        const changes = act.seen === undefined ? [] : changedTables(act.seen, live)
        // No table differs from what was seen: then it was not this that was confirmed.
        if (changes.length === 0) throw failures.staleToken()
        if (act.request.onChange === 'stop') throw failures.liveChanged(changes)
        const comparison = await this.compare(tx, { side: act.incoming, live: tenant.databaseSchema })
        await this.ask(work, { restoreId: act.row.id, token, deadline, changes, comparison })
      },
      record: tx => record(tx, { work, tenant, act }),
    }
  }

  private async ask(work: Work, decision: PendingDecision): Promise<void> {
    const answer = await work.job.step('Wait for the decision on what changed', () =>
      this.decisions.ask(decision, work.signal),
    )
    if (answer === 'accepted') return
    if (answer === 'timeout') throw failures.undecided()
    throw new AppError('CANCELLED', 'The swap was cancelled. Writers go on, and nothing was changed.')
  }

  private async finish(work: Work, act: Act, done: Swapped): Promise<SwapReport> {
    const verification = verificationOf(done, new Date(this.now()).toISOString())
    const row = await work.db.afterCancel().write(async tx => {
      await repository.changeRestore(tx, act.row.id, { verification })
      return await repository.lockRestore(tx, act.row.id)
    })
    if (verification.outcome === 'failed') throw failures.notVerified(verification)
    const { swapMs, heldMs } = done
    return { restore: repository.toRestore(row), swapMs, heldMs, verification }
  }
}

const confirmed = (
  { kind: act, row, incoming: sideSchema }: Pick<Act, 'kind' | 'row' | 'incoming'>,
  { id: tenantId, slug, databaseSchema }: TenantRow,
  states: { live: readonly TableState[]; side: readonly TableState[] },
): Confirmed => ({
  archiveHash: row.archiveHash,
  ...states,
  plan: { act, restoreId: row.id, tenantId, slug, databaseSchema, sideSchema, schemaChoice: row.plan.schemaChoice },
})

/** Everybody sees the tenant as restoring from here on; the lock that is held says that this is true. */
async function begin(tx: WriteTx<'registry'>, tenant: TenantRow, act: Act): Promise<void> {
  const row = await repository.lockRestore(tx, act.row.id)
  if (row.state !== act.row.state) throw failures.notReady(row)
  await requireTenant(tx, tenant)
  await markRestoring(tx, tenant)
  if (act.kind === 'restore') await repository.changeRestore(tx, row.id, { state: 'swapping', error: null })
}

async function record(
  tx: WriteTx<'registry'>,
  { work, tenant, act }: { work: Work; tenant: TenantRow; act: Act },
): Promise<void> {
  await requireSame(tx, tenant)
  await unmarkRestoring(tx, tenant.id)
  const isRestore = act.kind === 'restore'
  const { kept: keptSchema, keptUntil } = act
  await repository.changeRestore(tx, act.row.id, {
    state: isRestore ? 'done' : 'undone',
    keptSchema,
    keptUntil,
    // What was verified before is what was built beside live; what is live now has yet to be.
    verification: null,
    ...(isRestore ? { sideSchema: null, reason: act.request.reason } : {}),
  })
  const { archiveKey, archiveHash, id: restoreId } = act.row
  await recordHistory(tx, {
    who: work.who,
    action: isRestore ? 'tenant.restore' : 'tenant.undoRestore',
    tenantId: tenant.id,
    slug: tenant.slug,
    after: { restoreId, archive: archiveKey, archiveHash, keptSchema, keptUntil },
    reason: act.request.reason,
  })
}

/**
 * Tells what happened after an error, from the restore's row: the swap's transaction wrote it, or did not happen. On a connection of its
 * own, free of the cancel that may have caused the error.
 */
async function settle(work: Work, tenant: TenantRow, { act, error }: { act: Act; error: unknown }): Promise<unknown> {
  const over = act.kind === 'restore' ? 'done' : 'undone'
  try {
    const isSwapped = await work.db.afterCancel().write(async tx => {
      const row = await repository.lockRestore(tx, act.row.id)
      if (row.storedState === over) return true
      await unmarkRestoring(tx, tenant.id)
      if (act.kind === 'restore') await repository.changeRestore(tx, row.id, { state: 'ready' })
      return false
    })
    return isSwapped && !isVerdict(error) ? failures.swappedUnverified(error) : error
  } catch {
    // The server is away. Without the lock readers take the tenant for what it was; the restore's row says whether it was swapped.
    work.job.log('The registry could not be asked how this ended; look at the restore when the server is back.')
    return error
  }
}

const isVerdict = (error: unknown): boolean =>
  error instanceof AppError && Reflect.get(Object(error.details), 'reason') === 'verification-failed'

function verificationOf({ expected, found }: Swapped, at: string): RestoreVerification {
  const actual = new Map(found.map(state => [state.table, state]))
  const wanted = new Map(expected.map(state => [state.table, state]))
  const tables = [...new Set([...wanted.keys(), ...actual.keys()])].sort().map(table => {
    const want = wanted.get(table)
    const have = actual.get(table)
    const isEqual = want !== undefined && have !== undefined && want.rows === have.rows && want.hash === have.hash
    return { table, rows: have?.rows ?? '0', expectedRows: want?.rows ?? '0', isEqual, note: null }
  })
  return { outcome: tables.every(table => table.isEqual) ? 'passed' : 'failed', at, tables }
}

function whyNotUndone(row: repository.RestoreRow): string | null {
  if (row.state === 'undone') return 'This restore was undone already.'
  if (row.state !== 'done') return 'This restore was not swapped; there is nothing to undo.'
  if (!row.hasKeptSchema) return 'What was live before is no longer kept.'
  return null
}
