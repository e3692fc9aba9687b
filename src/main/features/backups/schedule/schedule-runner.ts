import type { Environment } from '#shared/contract/environment.model.ts'
import { SCHEDULE_KINDS } from '#shared/contract/schedules.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import { requireRegistry } from '../../migrations/migration.service.ts'
import { parseCron } from './cron.ts'
import * as repository from './schedule.repository.ts'
import { defaultRow, GRACE_MS } from './schedule.service.ts'
import { KINDS, type ScheduleKind, scheduledJob } from './schedule-kinds.ts'
import { currentRunner, ScheduleLock } from './schedule-lock.ts'
import type { RunnerDependencies, ScheduleEvent } from './schedule-runner.model.ts'

/** How often schedules that others change are looked at, and how often a waiting runner tries to take over. */
const LOOK_MS = 30_000
const RETRY_MS = 15_000

/** Raised anew when the text changes, not at every try. */
class Complaint {
  private last: string | undefined

  isNew(text: string): boolean {
    const isNew = text !== this.last
    this.last = text
    return isNew
  }

  clear(): void {
    this.last = undefined
  }
}

interface DueRun {
  kind: ScheduleKind
  options: repository.ScheduleRow['options']
  updatedBy: string
  startedAt: Date
  wasOnTime: boolean
}

/**
 * Starts what is scheduled when its time comes, as the only one for its registry: others wait, and take over when it ends. Runs whose
 * time passed while nobody was there are counted as missed; the latest of each kind is made up for once, at the start.
 */
export class ScheduleRunner {
  private readonly deps: RunnerDependencies
  private readonly running = new Map<ScheduleKind, Promise<void>>()
  private readonly complaint = new Complaint()
  private leadingSince = new Date(0)

  constructor(dependencies: RunnerDependencies) {
    this.deps = dependencies
  }

  /** Resolves when the signal has aborted and what was running has ended. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const lock = await this.lead(signal)
      if (lock === undefined) break
      try {
        await this.work(lock, signal)
      } catch (error) {
        if (!signal.aborted) this.tell('lost', `Another runner may take over now: ${textOf(error)}`)
      } finally {
        await lock.release()
      }
      await this.deps.clock.sleep(RETRY_MS, signal)
    }
    await Promise.all(this.running.values())
    this.tell('stopped', 'Schedules are no longer run from here.')
  }

  /** Waits until nobody else runs the schedules. */
  private async lead(signal: AbortSignal): Promise<ScheduleLock | undefined> {
    while (!signal.aborted) {
      try {
        const { stores, name } = await this.deps.environment()
        const schema = stores.postgres?.registrySchema ?? 'public'
        const lock = await ScheduleLock.tryTake(await this.deps.connect(), schema, this.deps.name)
        if (lock !== undefined) {
          this.complaint.clear()
          this.leadingSince = this.deps.clock.now()
          this.tell('leading', `Running the schedules of ${name}.`)
          return lock
        }
        await this.tellWaiting(signal)
      } catch (error) {
        if (!signal.aborted) this.complain(error)
      }
      await this.deps.clock.sleep(RETRY_MS, signal)
    }
    return undefined
  }

  private async tellWaiting(signal: AbortSignal): Promise<void> {
    const registry = await this.deps.registry(signal)
    const runner = await registry.read(currentRunner)
    const by = runner === null ? 'Somebody else' : `${runner.who} (${runner.application})`
    const text = `${by} runs the schedules; waiting to take over.`
    if (this.complaint.isNew(text)) this.tell('waiting', text)
  }

  /** Rejects when the lock is lost. Other problems are told, and it goes on. */
  private async work(lock: ScheduleLock, signal: AbortSignal): Promise<void> {
    let isFirst = true
    while (!signal.aborted) {
      await lock.check(signal)
      let wake = LOOK_MS
      try {
        const rows = await this.schedules(signal, isFirst)
        isFirst = false
        this.complaint.clear()
        for (const row of rows) await this.startIfDue(lock, row, signal)
        wake = this.untilNext(rows)
      } catch (error) {
        if (signal.aborted) return
        // Told apart from a lost lock: when that is what failed, it is found by the next check.
        this.complain(error)
      }
      await this.deps.clock.sleep(wake, signal)
    }
  }

  private untilNext(rows: readonly repository.ScheduleRow[]): number {
    const now = this.deps.clock.now().getTime()
    const times = rows
      .filter(row => row.isEnabled && !this.running.has(row.kind))
      .map(row => (row.nextRunAt === null ? Number.POSITIVE_INFINITY : Date.parse(row.nextRunAt) - now))
      .filter(milliseconds => milliseconds > 0)
    return Math.min(LOOK_MS, ...times)
  }

  private async schedules(signal: AbortSignal, isFirst: boolean): Promise<repository.ScheduleRow[]> {
    const environment = await this.deps.environment()
    const registry = await this.deps.registry(signal)
    const now = this.deps.clock.now()
    const rows = await registry.write(async tx => {
      await requireRegistry(tx)
      const found = await repository.readSchedules(tx)
      const missing = SCHEDULE_KINDS.filter(kind => !found.some(row => row.kind === kind))
      const added = missing.map(kind => defaultRow(kind, environment, now))
      await repository.addMissing(
        tx,
        added.map(row => ({
          ...row,
          nextRunAt: row.nextRunAt === null ? null : new Date(row.nextRunAt),
          who: row.updatedBy,
        })),
      )
      for (const row of found) {
        if (row.isEnabled && row.nextRunAt === null) {
          await repository.planNextRun(tx, row.kind, parseCron(row.cron).next(now))
        }
      }
      return await repository.readSchedules(tx)
    })
    if (isFirst) await this.reportInterrupted(registry, environment, rows)
    return rows
  }

  /** A run without an end that is not running here died with its console: the lock says that no other console runs it. */
  private async reportInterrupted(
    registry: WriteDb,
    environment: Environment,
    rows: readonly repository.ScheduleRow[],
  ): Promise<void> {
    for (const { kind, lastRunAt, lastOutcome } of rows) {
      if (lastRunAt === null || lastOutcome !== null || this.running.has(kind)) continue
      const problem = 'The console that ran it ended before it was over.'
      const startedAt = new Date(lastRunAt)
      await registry.write(tx => repository.finishRun(tx, { kind, startedAt, problem, wasOnTime: false }))
      this.fail(environment.name, kind, problem)
    }
  }

  private async startIfDue(lock: ScheduleLock, row: repository.ScheduleRow, signal: AbortSignal): Promise<void> {
    const { kind, nextRunAt, options, updatedBy } = row
    const now = this.deps.clock.now()
    if (!row.isEnabled || nextRunAt === null || new Date(nextRunAt) > now || this.running.has(kind)) return
    const times = parseCron(row.cron)
    const { runs, latest } = times.between(new Date(nextRunAt), now)
    const wasOnTime = latest !== null && now.getTime() - latest.getTime() <= GRACE_MS
    // The one that begins now, on time, is not missed; one that is made up for was.
    const missed = { runs: wasOnTime ? runs - 1 : runs, since: new Date(nextRunAt) }
    const claim = { kind, plannedAt: nextRunAt, startedAt: now, nextRunAt: times.next(now), missed }
    if (!(await lock.claim(claim, signal))) return
    const environment = await this.deps.environment()
    if (missed.runs > 0) this.tellMissed(environment.name, kind, missed)
    // Times that no longer come, after the cron text was changed behind our back.
    if (runs === 0) return
    const run = { kind, options, updatedBy, startedAt: now, wasOnTime: wasOnTime && missed.runs === 0 }
    this.running.set(kind, this.execute(run, environment, signal))
  }

  private async execute(run: DueRun, environment: Environment, signal: AbortSignal): Promise<void> {
    const { kind, startedAt, wasOnTime } = run
    this.tell('started', `${TITLES[kind]} began.`, kind)
    let problem: string | null
    try {
      problem = KINDS[kind].problemOf(await this.deps.runJob(scheduledJob(kind, environment, run), signal))
    } catch (error) {
      problem = textOf(error)
    }
    if (problem === null) this.tell('done', `${TITLES[kind]} is done.`, kind)
    else if (signal.aborted) this.tell('failed', `${TITLES[kind]} was stopped: ${problem}`, kind)
    else this.fail(environment.name, kind, problem)
    try {
      const registry = (await this.deps.registry(signal)).afterCancel()
      await registry.write(tx => repository.finishRun(tx, { kind, startedAt, problem, wasOnTime }))
    } catch (error) {
      this.tell('problem', `The end of ${TITLES[kind].toLowerCase()} could not be written down: ${textOf(error)}`, kind)
    } finally {
      this.running.delete(kind)
    }
  }

  private tellMissed(environment: string, kind: ScheduleKind, missed: { runs: number; since: Date }): void {
    const times = missed.runs === 1 ? 'once' : `${missed.runs} times`
    const why =
      missed.since < this.leadingSince ? 'nothing was there to start it' : 'the run before it was still under way'
    const problem = `${TITLES[kind]} was missed ${times} since ${missed.since.toISOString()}: ${why}.`
    this.tell('missed', problem, kind)
    this.deps.onFailure({ environment, kind, at: this.deps.clock.now().toISOString(), problem })
  }

  private fail(environment: string, kind: ScheduleKind, problem: string): void {
    this.tell('failed', `${TITLES[kind]} failed: ${problem}`, kind)
    this.deps.onFailure({ environment, kind, at: this.deps.clock.now().toISOString(), problem })
  }

  private complain(error: unknown): void {
    const text = textOf(error)
    if (this.complaint.isNew(text)) this.tell('problem', text)
  }

  private tell(type: ScheduleEvent['type'], text: string, kind: ScheduleKind | null = null): void {
    this.deps.onEvent({ at: this.deps.clock.now().toISOString(), type, kind, text })
  }
}

const TITLES: Readonly<Record<ScheduleKind, string>> = {
  fleet: 'The backup of all tenants',
  full: 'The dump of the database',
  drill: 'The restore drill',
  cleanup: 'The clean-up of backups',
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
