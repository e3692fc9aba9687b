import { isJobOver, type JobProgress, type JobSnapshot, type JobStep } from '#shared/contract/jobs.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { type EnvironmentId, JobId, newId, type TenantId } from '#shared/ids.ts'
import type { Json } from '#shared/json.ts'
import type { JobLog } from './job-log.ts'

/** Progress reaches watchers at most five times a second; the last state always does. */
const NOTIFY_INTERVAL_MS = 200
const LOG_LINES = 200
/** A one-time secret that nobody fetched is forgotten after this. */
const SECRET_LIFETIME_MS = 15 * 60_000

/** What a job's handler says while it works. */
export interface JobControl {
  progress(progress: { done: number; total?: number | null; unit: string; note?: string | null }): void
  /** Runs a named step and keeps its duration; steps are shown in the order of their starts. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  log(text: string): void
  /** Keeps a secret in memory for one `jobs.claimSecret`; returns the ticket. It is never written to disk. */
  oneTimeSecret(value: string): string
}

export interface JobStart {
  operation: string
  title: string
  who: string
  environmentId: EnvironmentId | null
  tenantId: TenantId | null
  run: (control: JobControl, signal: AbortSignal) => Promise<Json>
}

interface LiveJob {
  snapshot: JobSnapshot
  abort: AbortController
  timer: NodeJS.Timeout | undefined
  done: Promise<void>
}

export type JobListener = (job: JobSnapshot) => void

const now = (): string => new Date().toISOString()

/** Long work of the kernel. A job belongs to no window: it goes on when the one that started it closes. */
export class JobManager {
  private readonly files: JobLog
  private readonly live = new Map<string, LiveJob>()
  private readonly past = new Map<string, JobSnapshot>()
  private readonly listeners = new Set<JobListener>()
  private readonly secrets = new Map<string, { value: string; timer: NodeJS.Timeout }>()

  constructor(files: JobLog) {
    this.files = files
  }

  /** Reads the jobs of earlier runs; call once before the first job. */
  async recover(): Promise<void> {
    for (const job of (await this.files.recover()).reverse()) this.past.set(job.id, job)
  }

  start(start: JobStart): JobSnapshot {
    const snapshot: JobSnapshot = {
      id: JobId.parse(newId()),
      operation: start.operation,
      title: start.title,
      environmentId: start.environmentId,
      tenantId: start.tenantId,
      who: start.who,
      state: 'queued',
      createdAt: now(),
      startedAt: null,
      finishedAt: null,
      progress: null,
      steps: [],
      log: [],
      result: null,
      error: null,
    }
    const job: LiveJob = { snapshot, abort: new AbortController(), timer: undefined, done: Promise.resolve() }
    this.live.set(snapshot.id, job)
    void this.files.created(snapshot)
    job.done = this.execute(job, start)
    this.notify(job, true)
    return snapshot
  }

  list(limit: number): JobSnapshot[] {
    const all = [...[...this.live.values()].map(job => job.snapshot), ...this.past.values()]
    return all.sort((a, b) => b.createdAt.localeCompare(a.createdAt)).slice(0, limit)
  }

  get(id: string): JobSnapshot {
    const found = this.live.get(id)?.snapshot ?? this.past.get(id)
    if (found === undefined) throw new AppError('NOT_FOUND', 'This job does not exist.')
    return found
  }

  /** Asks a running job to stop; it ends as `cancelled` once its work has really stopped. */
  cancel(id: string): JobSnapshot {
    const job = this.live.get(id)
    if (job === undefined) return this.get(id)
    if (!isJobOver(job.snapshot.state)) {
      job.snapshot = { ...job.snapshot, state: 'cancelling' }
      this.notify(job, true)
      job.abort.abort()
    }
    return job.snapshot
  }

  /** Calls back with every change of every job; returns a function that ends it. */
  subscribe(listener: JobListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Resolves when the job is over. */
  async finished(id: string): Promise<JobSnapshot> {
    await this.live.get(id)?.done
    return this.get(id)
  }

  claimSecret(ticket: string): string {
    const secret = this.secrets.get(ticket)
    if (secret === undefined) {
      throw new AppError('NOT_FOUND', 'This secret was already fetched, or its time is over.', {
        hint: 'Set a new password for the administrator instead.',
      })
    }
    clearTimeout(secret.timer)
    this.secrets.delete(ticket)
    return secret.value
  }

  /** Cancels what runs and waits for it; the log is complete afterwards. */
  async close(): Promise<void> {
    for (const job of this.live.values()) job.abort.abort()
    await Promise.all([...this.live.values()].map(job => job.done))
    for (const secret of this.secrets.values()) clearTimeout(secret.timer)
    this.secrets.clear()
    await this.files.flush()
  }

  private async execute(job: LiveJob, start: JobStart): Promise<void> {
    // The caller gets the id before the first event of the work.
    await Promise.resolve()
    if (job.snapshot.state === 'queued') job.snapshot = { ...job.snapshot, state: 'running' }
    job.snapshot = { ...job.snapshot, startedAt: now() }
    this.notify(job, true)
    try {
      const result = await start.run(this.control(job), job.abort.signal)
      this.end(job, { state: 'succeeded', result })
    } catch (error) {
      const failure = isAppError(error)
        ? error
        : new AppError(job.abort.signal.aborted ? 'CANCELLED' : 'INTERNAL', 'The job ended unexpectedly.', {
            cause: error,
          })
      const isCancelled = job.abort.signal.aborted && failure.code === 'CANCELLED'
      this.end(job, { state: isCancelled ? 'cancelled' : 'failed', error: failure.toData() })
    }
  }

  private end(job: LiveJob, change: Partial<JobSnapshot>): void {
    const steps = job.snapshot.steps.map(step =>
      step.state === 'running' ? { ...step, state: 'failed' as const } : step,
    )
    job.snapshot = { ...job.snapshot, steps, ...change, finishedAt: now() }
    this.live.delete(job.snapshot.id)
    this.past.set(job.snapshot.id, job.snapshot)
    void this.files.ended(job.snapshot)
    this.notify(job, true)
  }

  private control(job: LiveJob): JobControl {
    const change = (part: Partial<JobSnapshot>, isUrgent = false) => {
      job.snapshot = { ...job.snapshot, ...part }
      this.notify(job, isUrgent)
    }
    return {
      progress: ({ done, total, unit, note }) => {
        const progress: JobProgress = { done, total: total ?? null, unit, note: note ?? null }
        change({ progress })
      },
      step: (name, work) => this.step(job, name, work),
      log: text => {
        const at = now()
        void this.files.log(job.snapshot.id, at, text)
        change({ log: [...job.snapshot.log, { at, text }].slice(-LOG_LINES) })
      },
      oneTimeSecret: value => {
        const ticket = newId()
        const timer = setTimeout(() => this.secrets.delete(ticket), SECRET_LIFETIME_MS)
        timer.unref()
        this.secrets.set(ticket, { value, timer })
        return ticket
      },
    }
  }

  private async step<T>(job: LiveJob, name: string, work: () => Promise<T>): Promise<T> {
    job.abort.signal.throwIfAborted()
    const index = job.snapshot.steps.length
    const started = performance.now()
    const put = (step: JobStep) => {
      const steps = [...job.snapshot.steps]
      steps[index] = step
      job.snapshot = { ...job.snapshot, steps }
      this.notify(job, true)
    }
    put({ name, state: 'running', durationMs: null })
    const duration = () => Math.round((performance.now() - started) * 10) / 10
    try {
      const result = await work()
      put({ name, state: 'done', durationMs: duration() })
      return result
    } catch (error) {
      put({ name, state: 'failed', durationMs: duration() })
      throw error
    }
  }

  private notify(job: LiveJob, isUrgent: boolean): void {
    const tell = () => {
      clearTimeout(job.timer)
      job.timer = undefined
      for (const listener of this.listeners) {
        try {
          listener(job.snapshot)
        } catch {
          // A watcher that fails is its own problem; the work of the job is not.
        }
      }
    }
    if (isUrgent) tell()
    else job.timer ??= setTimeout(tell, NOTIFY_INTERVAL_MS)
  }
}
