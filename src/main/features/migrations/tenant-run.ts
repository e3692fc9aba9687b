import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '#shared/errors.ts'
import type { DbSession, WriteTx } from '../../connections/postgres/database.ts'
import { toAppError } from '../../connections/postgres/errors.ts'
import { withTenantLock } from '../tenants/tenant-lock.ts'
import {
  type Candidate,
  isWorthAnotherTry,
  ledgerError,
  type RunOptions,
  type TenantOutcome,
} from './fleet-run.model.ts'
import * as repository from './fleet-run.repository.ts'
import { copyTenantLedger } from './migration.repository.ts'
import type { FleetMigration } from './migration-files.ts'
import { applyTogether, isShared, runStep, splitIntoSteps, type TenantWork } from './tenant-steps.ts'

const FIRST_BACKOFF_MS = 50
const LONGEST_BACKOFF_MS = 5_000

export interface TenantRun {
  candidate: Candidate
  set: readonly FleetMigration[]
  options: RunOptions
  who: string
  signal: AbortSignal
  outcome: TenantOutcome
  /** Milliseconds that were lost to a lock. */
  onLockWait: (milliseconds: number) => void
}

export const newOutcome = ({ id, slug }: Candidate): TenantOutcome => ({
  tenantId: id,
  slug,
  state: 'not-run',
  versions: [],
  durationMs: 0,
  retries: 0,
  notes: [],
  reason: null,
  error: null,
})

/**
 * Brings one tenant up to date and writes down how it went. Rejects only when the run is cancelled or the connection is lost: what was
 * committed is in the tenant's ledger then, and another try goes on from there.
 */
export async function runTenant(session: DbSession<'registry'>, run: TenantRun): Promise<void> {
  const started = performance.now()
  try {
    await withTenantLock(session.connection, run.candidate.id, () => runLocked(session, run, started))
  } catch (error) {
    const failure = toAppError(error, { isCancelled: run.signal.aborted })
    if (failure.code === 'CANCELLED' || failure.code === 'CONNECTION_FAILED') throw failure
    if (failure.code === 'CONFLICT' && failure.retryable) skip(run.outcome, failure.message)
    else fail(run.outcome, error)
  } finally {
    run.outcome.durationMs += Math.round(performance.now() - started)
  }
}

async function runLocked(session: DbSession<'registry'>, run: TenantRun, started: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const began = performance.now()
    let current: FleetMigration | undefined
    try {
      await runPending(session, run, migration => {
        current = migration
      })
      return
    } catch (error) {
      const failure = toAppError(error, { isCancelled: run.signal.aborted })
      if (failure.code === 'CANCELLED' || failure.code === 'CONNECTION_FAILED') throw failure
      if (isWorthAnotherTry(error)) run.onLockWait(performance.now() - began)
      const pause = backoff(attempt)
      const isInBudget = performance.now() - started + pause < run.options.retryBudgetMs
      if (!isWorthAnotherTry(error) || !isInBudget) {
        await record(session, run, { migration: current, error })
        return
      }
      run.outcome.retries += 1
      await wait(pause, undefined, { signal: run.signal })
    }
  }
}

/** Doubles with every try; half of it by chance, so that two that met do not meet again. */
export const backoff = (attempt: number): number => {
  const longest = Math.min(FIRST_BACKOFF_MS * 2 ** attempt, LONGEST_BACKOFF_MS)
  return longest / 2 + (Math.random() * longest) / 2
}

async function runPending(
  session: DbSession<'registry'>,
  run: TenantRun,
  begins: (migration: FleetMigration) => void,
): Promise<void> {
  const { candidate, outcome, options, who } = run
  const applied = (versions: number[]) => outcome.versions.push(...versions)
  const note = (text: string) => outcome.notes.push(text)
  const work: TenantWork = { session, candidate, options, who, begins, applied, note }
  let together: FleetMigration[] = []
  // What wants a transaction runs in the one that read the ledger: each round trip counts when there are thousands of tenants.
  const later = await session.write(
    async tx => {
      const steps = splitIntoSteps(await readPending(tx, run))
      together = isShared(steps[0]) ? (steps.shift() ?? []) : []
      if (together.length > 0) await applyTogether(tx, work, together)
      return steps
    },
    { lockTimeoutMs: options.lockTimeoutMs },
  )
  applied(together.map(one => one.version))
  for (const step of later) await runStep(work, step)
  if (outcome.versions.length > 0) outcome.state = 'migrated'
}

/** What is to be run by the tenant's own ledger; nothing, with the reason in the outcome, where the tenant is left alone. */
async function readPending(tx: WriteTx<'registry'>, { candidate, outcome, set }: TenantRun): Promise<FleetMigration[]> {
  const state = await repository.readTenantState(tx, candidate)
  const obstacle = state === null ? 'It was removed or replaced meanwhile.' : obstacleOf(state.status)
  if (state === null || obstacle !== null) {
    skip(outcome, obstacle ?? '')
    return []
  }
  const pending = pendingOf(set, state.ledger)
  // An earlier try of this run may have committed: then the outcome has its versions already, or its connection was lost at the commit.
  if (pending.length === 0 && outcome.versions.length === 0) {
    await copyTenantLedger(tx, { tenantId: candidate.id, schema: candidate.schema })
    skip(outcome, 'It was up to date by its own ledger; the registry’s copy was repaired.')
  }
  return pending
}

const obstacleOf = (status: string): string | null => (repository.isMigratable(status) ? null : `It is ${status}.`)

/** Rejects when the tenant has what these files cannot build on. */
function pendingOf(set: readonly FleetMigration[], ledger: readonly repository.OwnEntry[]): FleetMigration[] {
  const applied = new Map(ledger.map(entry => [entry.version, entry.checksum]))
  const edited = set.find(one => applied.has(one.version) && applied.get(one.version) !== one.checksum)
  if (edited !== undefined) {
    throw new AppError(
      'CONFLICT',
      `Migration ${edited.version} (${edited.name}) was applied with another text than it has now.`,
      {
        hint: 'Restore the released file; released files are never edited.',
      },
    )
  }
  const foreign = ledger.find(entry => !set.some(one => one.version === entry.version))
  if (foreign !== undefined) {
    throw new AppError('UNSUPPORTED', `The tenant has migration ${foreign.version}, for which there is no file here.`, {
      hint: 'Update Tenantry, or add the file to the folder of this environment.',
    })
  }
  return set.filter(one => !applied.has(one.version))
}

function skip(outcome: TenantOutcome, reason: string): void {
  outcome.state = 'skipped'
  outcome.reason = reason
}

export function fail(outcome: TenantOutcome, error: unknown): void {
  outcome.state = 'failed'
  outcome.error = ledgerError(error, toAppError(error))
}

/** The failure goes to the registry too, so that the board shows it after this run is forgotten. */
async function record(
  session: DbSession<'registry'>,
  { outcome, candidate, who }: TenantRun,
  { migration, error }: { migration: FleetMigration | undefined; error: unknown },
): Promise<void> {
  fail(outcome, error)
  if (migration === undefined) return
  const mark = { tenantId: candidate.id, migration, state: 'failed' as const, who, error: outcome.error }
  await session.write(tx => repository.mark(tx, mark))
}
