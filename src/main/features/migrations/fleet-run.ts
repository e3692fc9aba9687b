import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '#shared/errors.ts'
import type { DbSession, WriteDb } from '../../connections/postgres/database.ts'
import type { Connection } from '../../connections/postgres/pool.ts'
import type { Candidate, RunOptions, RunReport, TenantOutcome } from './fleet-run.model.ts'
import * as repository from './fleet-run.repository.ts'
import { FleetWorker } from './fleet-worker.ts'
import { type FleetRun, RunState } from './run-state.ts'

export type { FleetRun } from './run-state.ts'

/** Of the pool's ten: others of this console go on, and one holds the lock of the fleet. */
const MOST_WORKERS = 6
/** Connections of the server that stay free for the applications. */
const SPARE_CONNECTIONS = 3

/**
 * Migrates the tenants that need it, in waves, with one outcome for each. The tenants' own ledgers say what is left, so that a run that
 * was killed is simply run again. Rejects with CONFLICT while another console runs, and when cancelled.
 */
export async function runFleet(db: WriteDb, run: FleetRun): Promise<RunReport> {
  return await db.session(
    async session => await withFleetLock(session.connection, run, () => runWaves(db, session, run)),
  )
}

async function withFleetLock<T>(connection: Connection, { schema, who }: FleetRun, work: () => Promise<T>): Promise<T> {
  if (!(await repository.takeFleetLock(connection, schema))) {
    const holder = await repository.fleetLockHolder(connection, schema)
    throw new AppError('CONFLICT', `The fleet is being migrated already${holder === null ? '' : ` (${holder})`}.`, {
      hint: 'Wait for that run, or cancel it where it was started.',
      retryable: true,
    })
  }
  try {
    // Others see it in pg_stat_activity; PostgreSQL cuts it after 63 bytes.
    await connection.query(`select set_config('application_name', $1, false)`, [`tenantry fleet run by ${who}`])
    return await work()
  } finally {
    // A connection that broke has lost the lock and its name already.
    await repository.releaseFleetLock(connection, schema).catch(() => undefined)
    await connection.query('reset application_name').catch(() => undefined)
  }
}

async function runWaves(db: WriteDb, session: DbSession<'registry'>, run: FleetRun): Promise<RunReport> {
  const { options } = run
  const candidates = await session.read(tx => repository.listCandidates(tx, run.set, options.tenantIds))
  if (candidates.length === 0) return report([], null)
  const plan = await planWaves(session, candidates, options)
  const free = await session.read(tx => repository.freeConnections(tx))
  const workers = Math.max(1, Math.min(options.workers, MOST_WORKERS, free - SPARE_CONNECTIONS))
  const state = new RunState(candidates, run)
  const { canary, waves } = plan
  if (canary.length > 0) {
    await runWave(db, { wave: canary, workers, state })
    if (state.failed > 0) state.stop('A canary tenant failed.')
    if (waves.length > 0 && state.stopped === null) await afterCanary(run)
  }
  for (const wave of waves) if (state.stopped === null) await runWave(db, { wave, workers, state })
  return report([...state.outcomes.values()], state.stopped)
}

async function afterCanary({ options, control, signal }: FleetRun): Promise<void> {
  if (options.afterCanary === 'ask') control.pause('The canary tenants are migrated.')
  else await wait(options.afterCanary, undefined, { signal })
  await control.passes(signal)
}

interface Plan {
  canary: Candidate[]
  waves: Candidate[][]
}

async function planWaves(
  session: DbSession<'registry'>,
  candidates: readonly Candidate[],
  { canary, wavePercent }: RunOptions,
): Promise<Plan> {
  const chosen =
    'tenantIds' in canary
      ? canary.tenantIds
      : await session.read(tx => repository.smallestTenants(tx, candidates, canary.smallest))
  return {
    canary: candidates.filter(one => chosen.includes(one.id)),
    waves: cutWaves(
      candidates.filter(one => !chosen.includes(one.id)),
      wavePercent,
    ),
  }
}

/** Every wave holds that share of the tenants, the last what is left. */
export function cutWaves<T>(items: readonly T[], percent: number): T[][] {
  const size = Math.max(1, Math.ceil((items.length * percent) / 100))
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/** Workers take tenants from one queue; when one is cancelled or breaks, the others begin no further tenant. */
async function runWave(db: WriteDb, { wave, workers, state }: { wave: Candidate[]; workers: number; state: RunState }) {
  const queue = [...wave]
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(workers, wave.length) }, async () => {
      try {
        await new FleetWorker(queue, state).work(db)
      } catch (error) {
        queue.length = 0
        throw error
      }
    }),
  )
  const broken = ends.find(end => end.status === 'rejected')
  if (broken !== undefined) throw broken.reason
}

function report(outcomes: TenantOutcome[], stopped: string | null): RunReport {
  for (const outcome of outcomes) if (outcome.state === 'not-run') outcome.reason = stopped
  const count = (state: TenantOutcome['state']) => outcomes.filter(outcome => outcome.state === state).length
  return {
    outcomes,
    migrated: count('migrated'),
    failed: count('failed'),
    skipped: count('skipped'),
    notRun: count('not-run'),
    stopped,
  }
}
