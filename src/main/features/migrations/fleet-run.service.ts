import type { z } from 'zod'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { migrations } from '#shared/contract/migrations.ts'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { WriteDb } from '../../connections/postgres/database.ts'
import type { JobControl } from '../../kernel/jobs.ts'
import type { RunOptions, RunReport, TenantOutcome } from './fleet-run.model.ts'
import { pendingVersions } from './fleet-run.repository.ts'
import { runFleet } from './fleet-run.ts'
import { isDestructive, lintMigration } from './lint.ts'
import { requireRegistry } from './migration.service.ts'
import { type FleetMigration, fileName } from './migration-files.ts'
import { RunControl } from './run-control.ts'

type RunInput = z.output<(typeof migrations.operations.run)['input']>

export interface RunContext {
  environment: Environment
  who: string
  signal: AbortSignal
  job: Pick<JobControl, 'progress' | 'log'>
}

/** Runs of this console, at most one for each environment. */
export class FleetRunService {
  private readonly set: readonly FleetMigration[]
  private readonly controls = new Map<string, RunControl>()

  constructor(set: readonly FleetMigration[]) {
    this.set = set
  }

  /** Rejects at the end with every outcome when a tenant failed or the run was stopped; what was migrated stays. */
  async run(db: WriteDb, input: RunInput, context: RunContext): Promise<RunReport> {
    const { environment, job, signal, who } = context
    const versions = await db.read(async tx => {
      await requireRegistry(tx)
      return await pendingVersions(tx, this.set, input.tenantIds)
    })
    this.refuseRisks(new Set(versions), input, environment)
    if (this.controls.has(environment.id)) throw alreadyRunning()
    const control = new RunControl()
    this.controls.set(environment.id, control)
    try {
      const schema = environment.stores.postgres?.registrySchema ?? 'public'
      const onOutcome = (outcome: TenantOutcome, done: number, total: number) => {
        job.progress({ done, total, unit: 'tenants', note: outcome.slug })
        if (outcome.state !== 'migrated') job.log(`${outcome.slug}: ${outcome.state}: ${problemOf(outcome)}`)
      }
      const options = optionsOf(input)
      return complete(await runFleet(db, { schema, set: this.set, options, who, signal, control, onOutcome }))
    } finally {
      this.controls.delete(environment.id)
    }
  }

  pause(environmentId: string): { isPaused: boolean } {
    this.control(environmentId).pause('A person paused it.')
    return { isPaused: true }
  }

  resume(environmentId: string): { isPaused: boolean } {
    this.control(environmentId).resume()
    return { isPaused: false }
  }

  private control(environmentId: string): RunControl {
    const found = this.controls.get(environmentId)
    if (found !== undefined) return found
    throw new AppError('NOT_FOUND', 'This console is not migrating the fleet of this environment.', {
      hint: 'A run is paused and resumed where it was started.',
    })
  }

  /** What lint calls an error is never run; what loses data asks for the environment's name, in every class of environment. */
  private refuseRisks(pending: ReadonlySet<number>, { confirmation }: RunInput, environment: Environment): void {
    for (const migration of this.set.filter(one => pending.has(one.version))) {
      const findings = lintMigration(migration)
      const name = fileName(migration, 'up')
      const error = findings.find(one => one.severity === 'error')
      if (error !== undefined) {
        throw new AppError('INVALID_INPUT', `${name}, line ${error.line}: ${error.reason}`, { hint: error.safer })
      }
      if (!isDestructive(findings) || confirmation?.typed === environment.name) continue
      const loss = findings.find(one => one.severity === 'destructive')
      throw new AppError(
        'CONFIRMATION_REQUIRED',
        `${name}: ${loss?.reason} Type the name of the environment to confirm.`,
        {
          details: { expected: environment.name, needsReason: environment.class === 'production' },
        },
      )
    }
  }
}

const optionsOf = (input: RunInput): RunOptions => ({
  tenantIds: input.tenantIds,
  workers: input.workers,
  canary:
    input.canaryTenantIds === undefined ? { smallest: input.canarySmallest } : { tenantIds: input.canaryTenantIds },
  afterCanary: input.afterCanary === 'ask' ? 'ask' : input.cleanWaitMs,
  wavePercent: input.wavePercent,
  lockTimeoutMs: input.lockTimeoutMs,
  statementTimeoutMs: input.statementTimeoutMs,
  retryBudgetMs: input.retryBudgetMs,
  stopAfterFailures: input.stopAfterFailures,
  stopAfterLockWaitMs: input.stopAfterLockWaitMs,
})

function complete(report: RunReport): RunReport {
  if (report.failed === 0 && report.stopped === null) return report
  const { migrated, failed, skipped, notRun } = report
  const counts = `${migrated} migrated, ${failed} failed, ${skipped} skipped, ${notRun} not run`
  throw new AppError('CONFLICT', `The fleet is not migrated as a whole: ${counts}.`, {
    hint: 'Look at the outcome of each tenant; run it again when the causes are gone, only what is left is done.',
    details: JSON.parse(JSON.stringify(report)) as Json,
  })
}

const problemOf = ({ reason, error }: TenantOutcome): string => reason ?? JSON.stringify(error)

const alreadyRunning = (): AppError =>
  new AppError('CONFLICT', 'This console migrates the fleet of this environment already.', {
    hint: 'Look at the running jobs.',
    retryable: true,
  })
