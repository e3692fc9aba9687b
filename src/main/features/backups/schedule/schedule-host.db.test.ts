import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EnvironmentSettings } from '#shared/contract/environment.model.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { eventually } from '../../../testing/eventually.ts'
import { createTestConsole, type TestConsole } from '../../../testing/test-console.ts'
import { type FailureNotice, type ScheduleEvent, ScheduleHost } from './schedule-host.ts'

/** The runner over the whole console: its jobs are those that people start, with the same rules. */
describe('scheduled jobs', () => {
  let folder: string
  let end: (() => Promise<void>)[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-scheduled-'))
    end = []
  })
  afterEach(async () => {
    for (const close of end.reverse()) await close()
    await rm(folder, { recursive: true })
  })

  const open = async (environmentClass: EnvironmentSettings['class']): Promise<TestConsole> => {
    const console = await createTestConsole({
      passwordCost: 4,
      class: environmentClass,
      stores: { backup: { kind: 'folder', path: folder } },
    })
    end.push(async () => console[Symbol.asyncDispose]())
    return console
  }

  /** A schedule that was due some minutes ago. */
  const due = (console: TestConsole, kind: string, options: object = {}) =>
    console.database.client.query(
      `insert into backup_schedules (kind, cron, options, next_run_at, updated_by) values ($1, '* * * * *', $2, now() - interval '10 minutes', 'ravi')`,
      [kind, JSON.stringify(options)],
    )

  function start(console: TestConsole) {
    const abort = new AbortController()
    const events: ScheduleEvent[] = []
    const notices: FailureNotice[] = []
    const pool = new PostgresPool(console.database.settings, console.database.password)
    const host = new ScheduleHost({
      connections: { postgres: async () => pool },
      environments: console.services.environments,
      kernel: console.services.kernel,
    })
    const running = host.run({
      environmentId: console.environment.id,
      host: 'cli',
      user: 'asha',
      maximumRole: 'dba',
      signal: abort.signal,
      onEvent: event => events.push(event),
      onFailure: notice => notices.push(notice),
    })
    end.push(async () => {
      abort.abort()
      await running
      await pool.close()
    })
    const seen = (type: ScheduleEvent['type']) => eventually(() => events.find(event => event.type === type), 25_000)
    return { seen, notices }
  }

  test('back up all tenants, as jobs of the user "schedule"', async () => {
    const console = await open('development')
    const tenant = await console.createTenant('acme')
    await due(console, 'fleet')
    const { seen, notices } = start(console)
    await seen('done')
    const environmentId = console.environment.id
    const { items } = await console.client.call('backups.list', { environmentId, tenantId: tenant.id })
    expect(items).toMatchObject([{ state: 'complete', isLastGood: true }])
    const [job] = await console.client.call('jobs.list', { limit: 1 })
    expect(job).toMatchObject({ operation: 'backups.createAll', who: 'schedule', state: 'succeeded' })
    // The missed runs are the only thing to tell.
    expect(notices.map(({ problem }) => problem)).toEqual([expect.stringContaining('was missed')])
  })

  test('clean up in production with the confirmation that the schedule gives, inside the saved rules', async () => {
    const console = await open('production')
    await due(console, 'cleanup', { policy: { days: 5, last: 2, weekly: 0, monthly: 0 } })
    await start(console).seen('done')
    const [job] = await console.client.call('jobs.list', { limit: 1 })
    expect(job).toMatchObject({ operation: 'backups.cleanup', state: 'succeeded', result: { policy: { days: 5 } } })
    const { items } = await console.client.call('audit.list', { limit: 5 })
    const entry = items.find(({ operation }) => operation === 'backups.cleanup')
    expect(JSON.stringify(entry)).toContain('Scheduled by ravi')
  })

  test('have no stronger role than the environment gives', async () => {
    const dba = await open('development')
    await due(dba, 'cleanup')
    const limited = await dba.client.call('environments.create', {
      settings: {
        name: 'Limited',
        class: 'development',
        role: 'operator',
        stores: { postgres: dba.database.settings },
      },
      secrets: { postgres: dba.database.password },
      secretStorage: 'session',
    })
    const { seen, notices } = start({ ...dba, environment: limited })
    await seen('failed')
    expect(notices.at(-1)?.problem).toContain('This needs the role dba')
  })
})
