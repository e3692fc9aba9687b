import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Environment } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { openWriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { eventually } from '../../../testing/eventually.ts'
import { createTestConsole, type TestConsole } from '../../../testing/test-console.ts'
import { ScheduleService } from './schedule.service.ts'
import type { ScheduledJob } from './schedule-kinds.ts'
import type { Clock, FailureNotice, ScheduleEvent } from './schedule-runner.model.ts'
import { ScheduleRunner } from './schedule-runner.ts'

const never = new AbortController().signal
/** A Wednesday. */
const START = new Date('2026-03-11T12:00:00.000Z')

/** A clock that stands still until it is told to go on. */
class StillClock implements Clock {
  private time = START
  private sleepers: { until: number; wake: () => void }[] = []

  now = () => this.time

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise(resolve => {
      const sleeper = { until: this.time.getTime() + milliseconds, wake: resolve }
      this.sleepers.push(sleeper)
      const onAbort = () => {
        this.sleepers = this.sleepers.filter(other => other !== sleeper)
        resolve()
      }
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Waits until as many sleep, then sets the time and wakes those whose time has come. */
  async goTo(text: string, sleeping = 1): Promise<void> {
    await eventually(() => (this.sleepers.length >= sleeping ? true : undefined))
    this.time = new Date(text)
    const due = this.sleepers.filter(({ until }) => until <= this.time.getTime())
    this.sleepers = this.sleepers.filter(sleeper => !due.includes(sleeper))
    for (const { wake } of due) wake()
  }

  /** Wakes everybody at the same time of day: a look without a step in time. */
  async look(sleeping = 1): Promise<void> {
    await eventually(() => (this.sleepers.length >= sleeping ? true : undefined))
    for (const { wake } of this.sleepers.splice(0)) wake()
  }

  asleep(sleeping = 1): Promise<true> {
    return eventually(() => (this.sleepers.length >= sleeping ? (true as const) : undefined))
  }
}

interface Job extends ScheduledJob {
  end(result: unknown): void
  fail(error: Error): void
}

describe('schedules', () => {
  let console: TestConsole
  let environment: Environment
  let clock: StillClock
  let ended: (() => Promise<void>)[]

  beforeEach(async () => {
    console = await createTestConsole()
    environment = {
      ...console.environment,
      stores: { ...console.environment.stores, backup: { kind: 'folder', path: '/b' } },
    }
    clock = new StillClock()
    ended = []
  })
  afterEach(async () => {
    for (const end of ended) await end()
    await console[Symbol.asyncDispose]()
  })

  const service = () => new ScheduleService(() => clock.now())

  /** A runner as another process would be: connections of its own. */
  function start(user = 'asha') {
    const pool = new PostgresPool(console.database.settings, console.database.password)
    const abort = new AbortController()
    const jobs: Job[] = []
    const events: ScheduleEvent[] = []
    const notices: FailureNotice[] = []
    const registry = (signal: AbortSignal) =>
      openWriteDb({ pool: async () => pool, space: 'registry' as const, schema: 'public', signal })
    const runner = new ScheduleRunner({
      environment: async () => environment,
      registry: async signal => registry(signal),
      connect: () => pool.connectApart(),
      runJob: (job, signal) =>
        new Promise((resolve, reject) => {
          jobs.push({ ...job, end: resolve, fail: reject })
          signal.addEventListener('abort', () => reject(new AppError('CANCELLED', 'The job was cancelled.')))
        }),
      name: { host: 'cli', who: `${user}@server` },
      clock,
      onEvent: event => events.push(event),
      onFailure: notice => notices.push(notice),
    })
    const running = runner.run(abort.signal)
    const stop = async () => {
      abort.abort()
      await running
    }
    ended.push(async () => {
      await stop()
      await pool.close()
    })
    const list = () => service().list(registry(never), environment)
    return {
      jobs,
      notices,
      events,
      stop,
      registry: registry(never),
      types: () => events.map(event => event.type),
      seen: (type: ScheduleEvent['type']) => eventually(() => events.find(event => event.type === type)),
      job: (index = 0) => eventually(() => jobs[index]),
      runner: async () => (await list()).runner,
      of: async (kind: string) => (await list()).items.find(item => item.kind === kind),
      /** Waits until the row says how the last run ended. */
      outcome: (kind: string) =>
        eventually(async () => (await list()).items.find(item => item.kind === kind && item.lastOutcome !== null)),
    }
  }

  test('back up all tenants at 02:00 UTC by default, where there is a store', async () => {
    const { registry, of, runner, stop } = start()
    await stop()
    expect(await of('fleet')).toMatchObject({
      cron: '0 2 * * *',
      isEnabled: true,
      nextRunAt: '2026-03-12T02:00:00.000Z',
    })
    for (const kind of ['full', 'drill', 'cleanup'])
      expect(await of(kind)).toMatchObject({ isEnabled: false, nextRunAt: null })
    expect(await runner()).toBeNull()
    const { items } = await service().list(registry, console.environment)
    expect(items[0]).toMatchObject({ kind: 'fleet', isEnabled: false })
  })

  test('start a job when its time comes, once, and keep how it ended', async () => {
    const one = start()
    await one.seen('leading')
    await clock.goTo('2026-03-12T01:59:59.000Z')
    await clock.asleep()
    expect(one.jobs).toEqual([])
    await clock.goTo('2026-03-12T02:00:00.000Z')
    const job = await one.job()
    expect(job).toMatchObject({ operation: 'backups.createAll', input: { environmentId: environment.id } })
    expect(await one.of('fleet')).toMatchObject({ lastRunAt: '2026-03-12T02:00:00.000Z', lastOutcome: null })
    await clock.look()
    await clock.asleep()
    expect(one.jobs).toHaveLength(1)
    job.end({ failed: 0 })
    expect(await one.outcome('fleet')).toMatchObject({
      lastOutcome: 'done',
      missedRuns: 0,
      nextRunAt: '2026-03-13T02:00:00.000Z',
    })
    expect(one.notices).toEqual([])
  })

  test('tell a job that failed, and one that ended with failures', async () => {
    const one = start()
    await one.seen('leading')
    await clock.goTo('2026-03-12T02:00:10.000Z')
    ;(await one.job()).end({ failed: 2 })
    expect(await one.outcome('fleet')).toMatchObject({
      lastOutcome: 'failed',
      lastProblem: expect.stringContaining('2 tenants'),
    })
    await clock.goTo('2026-03-13T02:00:10.000Z')
    ;(await one.job(1)).fail(new AppError('CONNECTION_FAILED', 'The backup folder does not exist.'))
    await eventually(() => one.notices[1])
    expect(one.notices.map(notice => [notice.kind, notice.environment, notice.problem])).toEqual([
      ['fleet', 'Test system', '2 tenants failed; the job names them.'],
      ['fleet', 'Test system', 'The backup folder does not exist.'],
    ])
  })

  test('count runs that nobody was there to start, and make up for the latest', async () => {
    const one = start()
    await one.seen('leading')
    await clock.asleep()
    await one.stop()
    await clock.goTo('2026-03-15T09:00:00.000Z', 0)
    expect(await one.of('fleet')).toMatchObject({
      missedRuns: 4,
      missedSince: '2026-03-12T02:00:00.000Z',
      nextRunAt: '2026-03-16T02:00:00.000Z',
    })
    const two = start()
    const job = await two.job()
    expect(two.notices).toMatchObject([
      { kind: 'fleet', problem: expect.stringMatching(/missed 4 times .* nothing was there/) },
    ])
    job.end({ failed: 0 })
    // What was missed stays to be seen until a run is on time again.
    expect(await two.outcome('fleet')).toMatchObject({ missedRuns: 4, missedSince: '2026-03-12T02:00:00.000Z' })
    await clock.goTo('2026-03-16T02:00:00.000Z')
    ;(await two.job(1)).end({ failed: 0 })
    await eventually(async () => ((await two.of('fleet'))?.missedRuns === 0 ? true : undefined))
    expect(await two.of('fleet')).toMatchObject({ missedSince: null, lastRunAt: '2026-03-16T02:00:00.000Z' })
    expect(two.jobs).toHaveLength(2)
  })

  test('are run by one process only; another waits and takes over when the first dies', async () => {
    const one = start('asha')
    await one.seen('leading')
    const two = start('ravi')
    expect((await two.seen('waiting')).text).toContain('asha@server')
    expect(await two.runner()).toMatchObject({ who: 'asha@server', application: 'cli' })
    await clock.goTo('2026-03-12T02:00:00.000Z', 2)
    await one.job()
    await clock.asleep(2)
    expect(two.jobs).toEqual([])
    const { rowCount } = await console.database.client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tenantry schedule%asha%'`,
    )
    expect(rowCount).toBe(1)
    await clock.look(2)
    await two.seen('leading')
    await one.seen('lost')
    expect(await two.runner()).toMatchObject({ who: 'ravi@server' })
    await clock.look(2)
    await one.seen('waiting')
    // The run of the first has its end; the next is the second's.
    await clock.goTo('2026-03-13T02:00:00.000Z', 2)
    await two.job()
    expect([one.jobs.length, two.jobs.length]).toEqual([1, 1])
  })

  test('that were running when their console died are told as failed by the next', async () => {
    const one = start()
    await one.seen('leading')
    await clock.goTo('2026-03-12T02:00:00.000Z')
    await one.job()
    // The row as a killed process leaves it.
    await console.database.client.query(`create table kept as select * from backup_schedules`)
    await one.stop()
    await console.database.client.query(
      `update backup_schedules s set last_outcome = k.last_outcome, last_error = k.last_error from kept k where k.kind = s.kind`,
    )
    const two = start()
    expect(await two.outcome('fleet')).toMatchObject({
      lastOutcome: 'failed',
      lastProblem: expect.stringContaining('ended before'),
    })
    expect(two.notices).toHaveLength(1)
  })

  test('that a person stops are cancelled, waited for and written down', async () => {
    const one = start()
    await one.seen('leading')
    await clock.goTo('2026-03-12T02:00:00.000Z')
    await one.job()
    await one.stop()
    expect(one.types().slice(-2)).toEqual(['failed', 'stopped'])
    expect(await one.of('fleet')).toMatchObject({ lastOutcome: 'failed', lastProblem: 'The job was cancelled.' })
    expect([one.notices, await one.runner()]).toEqual([[], null])
  })

  test('follow changes that a dba makes while they run', async () => {
    const one = start()
    await one.seen('leading')
    await clock.asleep()
    const set = (change: Parameters<ScheduleService['set']>[1]) =>
      service().set({ registry: one.registry, environment, who: 'dba' }, change)
    await set({ kind: 'fleet', isEnabled: false })
    await set({ kind: 'drill', cron: '*/10 * * * *', isEnabled: true, options: { tenants: 5 } })
    await set({ kind: 'cleanup', cron: '5 12 * * *', isEnabled: true })
    await clock.goTo('2026-03-11T12:05:00.000Z')
    const cleanup = await one.job()
    // A dba's schedule gives what a person would have to type.
    expect(cleanup).toMatchObject({
      operation: 'backups.cleanup',
      input: { environmentId: environment.id, confirmation: { typed: 'Test system', reason: 'Scheduled by dba' } },
    })
    cleanup.end({ failed: ['x: refused'] })
    await clock.goTo('2026-03-11T12:10:00.000Z')
    const drill = await one.job(1)
    expect(drill.input).toEqual({ tenants: 5, environmentId: environment.id })
    // While it runs its later times pass; they are counted, and one run follows.
    await clock.goTo('2026-03-11T12:40:00.000Z')
    await clock.asleep()
    expect(one.jobs).toHaveLength(2)
    drill.end({ passed: 5, failed: 0 })
    await one.outcome('drill')
    await clock.look()
    await one.job(2)
    expect(one.notices.at(-1)?.problem).toContain('still under way')
    expect(await one.of('drill')).toMatchObject({ missedRuns: 2, missedSince: '2026-03-11T12:20:00.000Z' })
    expect((await one.of('cleanup'))?.lastProblem).toContain('x: refused')
  })

  test('refuse times and options that cannot be', async () => {
    const { registry } = start()
    const set = (change: Parameters<ScheduleService['set']>[1]) =>
      service().set({ registry, environment, who: 'dba' }, change)
    await expect(set({ kind: 'fleet', cron: '0 0 31 2 *' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(set({ kind: 'drill', options: { tenants: 0 } })).rejects.toMatchObject({
      details: { fields: { 'options.tenants': expect.any(String) } },
    })
    await expect(set({ kind: 'full', options: { toolsFolder: '/tmp' } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    const policy = { days: 7, last: 2, weekly: 0, monthly: 0 }
    await set({ kind: 'cleanup', options: { policy } })
    expect(await set({ kind: 'cleanup', options: {} })).toMatchObject({ options: { policy }, isEnabled: false })
  })

  test('wait for a server that is away, saying so once', async () => {
    const away = console.database.settings
    const broken = new PostgresPool({ ...away, port: 1 }, console.database.password)
    const abort = new AbortController()
    const events: ScheduleEvent[] = []
    const runner = new ScheduleRunner({
      environment: async () => environment,
      registry: async signal =>
        openWriteDb({ pool: async () => broken, space: 'registry' as const, schema: 'public', signal }),
      connect: () => broken.connectApart(),
      runJob: async () => undefined,
      name: { host: 'cli', who: 'asha@server' },
      clock,
      onEvent: event => events.push(event),
      onFailure: () => undefined,
    })
    const running = runner.run(abort.signal)
    await clock.look()
    await clock.look()
    await clock.asleep()
    abort.abort()
    await running
    expect(events.map(event => event.type)).toEqual(['problem', 'stopped'])
  })
})
