import type { DbSession, WriteDb } from '../../../connections/postgres/database.ts'

/** One statement's work, with the tables it needs. */
export interface Task {
  /** The heaviest begin first. */
  weight: number
  /** Tables that others may work on at the same time, if they share them too. */
  shared: readonly string[]
  /** Tables that no other task may name meanwhile. */
  exclusive: readonly string[]
  /** Tasks that must have ended before. */
  after: readonly Task[]
  run: (session: DbSession<'registry'>) => Promise<void>
}

export interface TaskPool {
  db: WriteDb
  workers: number
  /** Cancels the statements of the others when one task has failed; backends by their process ids. */
  cancel: (pids: readonly number[]) => Promise<void>
}

const pidOf = (session: DbSession<'registry'>): number => Number(Reflect.get(session.connection, 'processID'))

/**
 * Runs tasks on several connections at once. Tasks that would wait for each other's locks are never begun together: they would only
 * hold a connection, or deadlock. Rejects with the first failure, once everything has stopped.
 */
export async function runTasks({ db, workers, cancel }: TaskPool, tasks: readonly Task[]): Promise<void> {
  const state = new Schedule(tasks)
  const busy = new Set<number>()
  let failure: { error: unknown } | undefined
  const work = () =>
    db.session(async session => {
      const pid = pidOf(session)
      for (let task = await state.next(); task !== undefined; task = await state.next()) {
        busy.add(pid)
        try {
          await task.run(session)
        } catch (error) {
          failure ??= { error }
          state.stop()
          throw error
        } finally {
          busy.delete(pid)
          state.end(task)
        }
      }
    })
  const count = Math.min(workers, tasks.length)
  const running = Array.from({ length: count }, () =>
    work().catch(async (error: unknown) => {
      const isFirst = failure === undefined || failure.error === error
      failure ??= { error }
      state.stop()
      // Only the one that failed by itself cancels; the others fail because of it.
      if (isFirst || busy.size > 0) await cancel([...busy]).catch(() => undefined)
    }),
  )
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
}

/** Which task may begin. */
class Schedule {
  private readonly waiting: Task[]
  private readonly shared = new Map<string, number>()
  private readonly exclusive = new Set<string>()
  private readonly ended = new Set<Task>()
  private changed = Promise.withResolvers<void>()
  private isStopped = false

  constructor(tasks: readonly Task[]) {
    this.waiting = tasks.toSorted((a, b) => b.weight - a.weight)
  }

  /** Waits until a task can begin; undefined when there is none any more. */
  async next(): Promise<Task | undefined> {
    for (;;) {
      if (this.isStopped || this.waiting.length === 0) return undefined
      const index = this.waiting.findIndex(task => this.canBegin(task))
      const [task] = index < 0 ? [] : this.waiting.splice(index, 1)
      if (task !== undefined) {
        for (const table of task.shared) this.shared.set(table, (this.shared.get(table) ?? 0) + 1)
        for (const table of task.exclusive) this.exclusive.add(table)
        return task
      }
      await this.changed.promise
    }
  }

  end(task: Task): void {
    for (const table of task.shared) this.shared.set(table, (this.shared.get(table) ?? 1) - 1)
    for (const table of task.exclusive) this.exclusive.delete(table)
    this.ended.add(task)
    this.tell()
  }

  stop(): void {
    this.isStopped = true
    this.tell()
  }

  private canBegin({ shared, exclusive, after }: Task): boolean {
    return (
      after.every(task => this.ended.has(task)) &&
      shared.every(table => !this.exclusive.has(table)) &&
      exclusive.every(table => !this.exclusive.has(table) && (this.shared.get(table) ?? 0) === 0)
    )
  }

  private tell(): void {
    this.changed.resolve()
    this.changed = Promise.withResolvers<void>()
  }
}
