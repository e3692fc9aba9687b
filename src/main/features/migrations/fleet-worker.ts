import { setTimeout as wait } from 'node:timers/promises'
import type { DbSession, WriteDb } from '../../connections/postgres/database.ts'
import { toAppError } from '../../connections/postgres/errors.ts'
import type { Candidate } from './fleet-run.model.ts'
import type { RunState } from './run-state.ts'
import { backoff, fail, runTenant } from './tenant-run.ts'

/**
 * One worker: a connection of its own, tenant after tenant. When the connection is lost the tenant is tried again on the next one, as long
 * as its budget allows; whether the lost transaction was committed is in the tenant's ledger.
 */
export class FleetWorker {
  private readonly queue: Candidate[]
  private readonly state: RunState
  private current: Candidate | undefined
  private since = 0
  private losses = 0

  constructor(queue: Candidate[], state: RunState) {
    this.queue = queue
    this.state = state
  }

  /** Resolves when the queue is empty or the run has stopped; rejects when it is cancelled. */
  async work(db: WriteDb): Promise<void> {
    const { signal } = this.state.run
    while (await this.hasNext()) {
      try {
        await db.session(session => this.drain(session))
      } catch (error) {
        const failure = toAppError(error, { isCancelled: signal.aborted })
        if (failure.code !== 'CONNECTION_FAILED') throw failure
        await this.afterLoss(failure)
      }
    }
  }

  private async drain(session: DbSession<'registry'>): Promise<void> {
    while (await this.hasNext()) {
      const candidate = this.current
      if (candidate === undefined) return
      const outcome = this.state.outcomeOf(candidate)
      const onLockWait = (milliseconds: number) => this.state.lost(milliseconds)
      await runTenant(session, { ...this.state.run, candidate, outcome, onLockWait })
      this.end(candidate)
    }
  }

  /** The tenant that was interrupted, or the next one once the run may go on. */
  private async hasNext(): Promise<boolean> {
    if (this.current !== undefined) return true
    await this.state.run.control.passes(this.state.run.signal)
    this.current = this.state.stopped === null ? this.queue.shift() : undefined
    this.since = performance.now()
    this.losses = 0
    return this.current !== undefined
  }

  private async afterLoss(failure: Error): Promise<void> {
    const { options, signal } = this.state.run
    const candidate = this.current
    if (candidate === undefined) return
    const pause = backoff(this.losses)
    this.losses += 1
    const outcome = this.state.outcomeOf(candidate)
    if (performance.now() - this.since + pause < options.retryBudgetMs) {
      outcome.retries += 1
      await wait(pause, undefined, { signal })
      return
    }
    fail(outcome, failure)
    this.end(candidate)
  }

  private end(candidate: Candidate): void {
    this.current = undefined
    this.state.ended(this.state.outcomeOf(candidate))
  }
}
