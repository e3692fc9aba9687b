import type { Candidate, RunOptions, TenantOutcome } from './fleet-run.model.ts'
import type { FleetMigration } from './migration-files.ts'
import type { RunControl } from './run-control.ts'
import { newOutcome } from './tenant-run.ts'

export interface FleetRun {
  /** Holds the lock of the registry's schema. */
  schema: string
  set: readonly FleetMigration[]
  options: RunOptions
  who: string
  signal: AbortSignal
  control: RunControl
  /** Called with every tenant that is done. */
  onOutcome: (outcome: TenantOutcome, done: number, total: number) => void
}

/** What all workers of a run share: the outcomes, and whether another tenant may be begun. */
export class RunState {
  readonly outcomes: Map<string, TenantOutcome>
  readonly run: FleetRun
  stopped: string | null = null
  failed = 0
  private done = 0
  private lockWaitMs = 0

  constructor(candidates: readonly Candidate[], run: FleetRun) {
    this.outcomes = new Map(candidates.map(one => [one.id, newOutcome(one)]))
    this.run = run
  }

  outcomeOf(candidate: Candidate): TenantOutcome {
    return this.outcomes.get(candidate.id) ?? newOutcome(candidate)
  }

  stop(reason: string): void {
    this.stopped ??= reason
  }

  lost(milliseconds: number): void {
    this.lockWaitMs += milliseconds
    if (this.lockWaitMs >= this.run.options.stopAfterLockWaitMs) this.stop('Too much time was lost waiting for locks.')
  }

  ended(outcome: TenantOutcome): void {
    this.done += 1
    if (outcome.state === 'failed') this.failed += 1
    if (this.failed >= this.run.options.stopAfterFailures) this.stop(`${this.failed} tenants failed.`)
    this.run.onOutcome(outcome, this.done, this.outcomes.size)
  }
}
