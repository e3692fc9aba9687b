import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { type AppError, isAppError } from '#shared/errors.ts'
import type { DbSession, WriteDb, WriteTx } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { refuseDependents } from './dependents.ts'
import { type Exchange, exchange } from './exchange.ts'
import { limitPassed, lockTables, refuseWrites, releaseHold } from './hold.ts'
import { namingHolders, tablesInUse } from './holders.ts'
import { readLiveState, type TableState } from './live-state.ts'

export interface Work {
  db: WriteDb
  job: JobControl
  who: string
  signal: AbortSignal
}

export interface HoldRequest {
  hold: 'wait' | 'refuse'
  lockTimeoutMs: number
  limitSeconds: number
}

export interface SwapPlan {
  tenant: TenantRow
  /** Schema that takes the live one's place. */
  incoming: string
  kept: string
  request: HoldRequest
  /** Rejects unless the rows of the incoming schema are those that were confirmed. */
  checkIncoming: (state: readonly TableState[]) => void
  /** Live rows while writers are held off. Resolves when the person agrees with them; rejects when not. */
  agree: (tx: WriteTx<'registry'>, live: readonly TableState[], deadline: string) => Promise<void>
  /** What else belongs to the swap, in its transaction. */
  record: (tx: WriteTx<'registry'>) => Promise<void>
}

export interface Swapped {
  swapMs: number
  heldMs: number
  /** Rows of the incoming schema, as checked before the swap. */
  expected: TableState[]
  /** Rows of live after the swap, as they were at its instant. */
  found: TableState[]
}

/**
 * Runs one swap on a session of its own, which holds the tenant's lock. Whatever rejects before COMMIT leaves live as it was and nobody
 * held off; an error while COMMIT is answered says nothing about its outcome: ask the restore's row.
 */
export async function swap(session: DbSession<'registry'>, work: Work, plan: SwapPlan): Promise<Swapped> {
  const { tenant, request } = plan
  await session.read(tx => refuseDependents(tx, tenant.databaseSchema))
  const expected = await work.job.step('Check the restored rows', () =>
    session.read(tx => readLiveState(tx, plan.incoming), { statementTimeoutMs: 0, isSnapshot: true }),
  )
  plan.checkIncoming(expected)
  // A hold of a console that died must not be taken for ours.
  await namingHolders(work.db, tenant.databaseSchema, () => releaseHold(session, tenant.databaseSchema))
  const started = performance.now()
  try {
    const deadline = request.hold === 'refuse' ? await refuse(session, work, plan) : undefined
    const done = await heldSwap(session, work, { ...plan, deadline })
    return { expected, found: done.found, swapMs: done.committed - done.renamed, heldMs: done.committed - started }
  } catch (error) {
    if (request.hold === 'refuse') await letGo(work, tenant.databaseSchema)
    throw await explained(work, plan, error)
  }
}

const refuse = (session: DbSession<'registry'>, work: Work, { tenant, request }: SwapPlan): Promise<string> =>
  work.job.step('Refuse writes', () =>
    session.write(tx => refuseWrites(tx, tenant.databaseSchema, request.limitSeconds), {
      lockTimeoutMs: request.lockTimeoutMs,
      statementTimeoutMs: request.limitSeconds * 1_000,
    }),
  )

/** Also when the caller has cancelled. Where the server is away, what is left refuses nothing after its deadline. */
async function letGo(work: Work, schema: string): Promise<void> {
  await work.db
    .afterCancel()
    .session(session => releaseHold(session, schema))
    .catch(() =>
      work.job.log('The triggers of the hold are still there; they go with the next work on restores of this tenant.'),
    )
}

type Held = SwapPlan & { deadline: string | undefined }

/** Moments are `performance.now()`. */
interface HeldSwap {
  renamed: number
  committed: number
  found: TableState[]
}

async function heldSwap(session: DbSession<'registry'>, work: Work, plan: Held): Promise<HeldSwap> {
  const { tenant, request } = plan
  const end = performance.now() + request.limitSeconds * 1_000
  const witness = new Witness(work.db, { incoming: plan.incoming, live: tenant.databaseSchema })
  try {
    const renamed = await session.write(
      async tx => {
        await limitTo(tx, end)
        if (plan.deadline === undefined) {
          await work.job.step('Hold writers off', () => lockTables(tx, tenant.databaseSchema, 'SHARE'))
        }
        const live = await work.job.step('Compare with live as it is now', async () => {
          await limitTo(tx, end)
          return await readLiveState(tx, tenant.databaseSchema)
        })
        await plan.agree(tx, live, plan.deadline ?? new Date(Date.now() + end - performance.now()).toISOString())
        await limitTo(tx, end)
        await witness.watch()
        return await work.job.step('Swap', async () => {
          const { deadline, incoming, kept } = plan
          const change: Exchange = { tenantId: tenant.id, live: tenant.databaseSchema, incoming, kept, deadline }
          const first = await exchange(tx, change)
          await plan.record(tx)
          return first
        })
      },
      { lockTimeoutMs: request.lockTimeoutMs, statementTimeoutMs: request.limitSeconds * 1_000 },
    )
    const committed = performance.now()
    // Cancelling now changes nothing any more: what is live is verified all the same.
    const verify = () => witness.testify()
    const found = await (work.signal.aborted ? verify() : work.job.step('Verify live', verify))
    return { renamed, committed, found }
  } finally {
    await witness.dismiss()
  }
}

/** After the limit a console ends its hold itself; only one that cannot any more is ended by the server. */
const IDLE_GRACE_MS = 500

/** Gives the statements that follow what is left of the hold's time. */
async function limitTo(tx: WriteTx<'registry'>, end: number): Promise<void> {
  const left = Math.trunc(end - performance.now())
  if (left <= 0) throw limitPassed()
  // An answer may be waited for inside the transaction: no other idle limit of the server may end it, but a console that hangs, or
  // whose network swallows everything, must not hold writers off for longer.
  await tx.script(
    `set local statement_timeout to ${left}; set local idle_in_transaction_session_timeout to ${left + IDLE_GRACE_MS}`,
  )
}

async function explained(work: Work, plan: SwapPlan, error: unknown): Promise<AppError> {
  const failure = toAppError(error, { isCancelled: work.signal.aborted })
  const state = isAppError(failure) ? Reflect.get(Object(failure.details), 'sqlState') : undefined
  if (state === '57014') return limitPassed()
  if (state !== '55P03' && state !== '40P01') return failure
  return await tablesInUse(work.db.afterCancel(), plan.tenant.databaseSchema, failure)
}

const WITNESS_LIMIT_MS = 6 * 3_600_000

/**
 * A second session whose snapshot is taken while writers are held off. After the swap it reads live by its name and sees the rows of that
 * instant, whatever applications have written since. Its catalog is of that instant too: what tables and columns live has now, it
 * finds under the name that the incoming schema had.
 */
class Witness {
  private readonly db: WriteDb
  private readonly schemas: { incoming: string; live: string }
  private readonly swapped = Promise.withResolvers<boolean>()
  private testimony: Promise<TableState[]> | undefined

  constructor(db: WriteDb, schemas: { incoming: string; live: string }) {
    this.db = db
    this.schemas = schemas
  }

  /** Resolves when the snapshot is taken. */
  async watch(): Promise<void> {
    const taken = Promise.withResolvers<void>()
    this.testimony = this.db.afterCancel(WITNESS_LIMIT_MS).read(
      async tx => {
        await tx.row({ text: 'select pg_current_snapshot()' })
        taken.resolve()
        return (await this.swapped.promise) ? await readLiveState(tx, this.schemas.incoming, this.schemas.live) : []
      },
      { statementTimeoutMs: 0, isSnapshot: true },
    )
    this.testimony.catch(taken.reject)
    await taken.promise
  }

  async testify(): Promise<TableState[]> {
    this.swapped.resolve(true)
    return (await this.testimony) ?? []
  }

  /** Ends the session where there was no swap. */
  async dismiss(): Promise<void> {
    this.swapped.resolve(false)
    await this.testimony?.catch(() => undefined)
  }
}
