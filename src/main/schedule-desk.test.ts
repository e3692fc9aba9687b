import { expect, it } from 'vitest'
import type { Environment } from '#shared/contract/environment.model.ts'
import { newId } from '#shared/ids.ts'
import type { ScheduleRun } from './features/backups/schedule/schedule-host.ts'
import { testEnvironment } from './kernel/test-kernel.ts'
import { runSchedules } from './schedule-desk.ts'
import { eventually } from './testing/eventually.ts'

const postgres = {
  host: 'db.example.com',
  port: 5432,
  database: 'hr',
  user: 'tenantry',
  tls: { mode: 'disable' },
  registrySchema: 'public',
} as const
const stores = { postgres, backup: { kind: 'folder', path: '/backups' } } as const

/** Stands for the runners: each stays until it is stopped. */
function desk(list: () => Environment[]) {
  const up = new Map<string, ScheduleRun>()
  const run = async (given: ScheduleRun) => {
    up.set(given.environmentId, given)
    await new Promise(resolve => given.signal.addEventListener('abort', resolve))
    up.delete(given.environmentId)
  }
  const stop = new AbortController()
  const started = (role: 'support' | 'dba') =>
    runSchedules(
      { environments: { list: async () => list() }, schedules: { run } },
      {
        host: 'web',
        user: 'asha',
        maximumRole: role,
        onFailure: () => undefined,
        signal: stop.signal,
        firstLookMs: 1,
        lookMs: 1,
      },
    )
  return { up, stop, started }
}

it('runs the schedules of environments with a backup store, and follows what is added and removed', async () => {
  const one = testEnvironment({ name: 'One', stores })
  const two = { ...testEnvironment({ name: 'Two', stores }), id: newId() as Environment['id'] }
  const bare = { ...testEnvironment({ name: 'Bare', stores: { postgres } }), id: newId() as Environment['id'] }
  let all: Environment[] = [one, bare]
  const { up, stop, started } = desk(() => all)
  const ended = started('dba')
  await eventually(() => (up.size === 1 && up.has(one.id) ? true : undefined))
  all = [two, bare]
  await eventually(() => (up.size === 1 && up.has(two.id) ? true : undefined))
  stop.abort()
  await ended
  expect(up.size).toBe(0)
})

it('runs none for a host that may only look', async () => {
  let looks = 0
  const { up, stop, started } = desk(() => {
    looks += 1
    return [testEnvironment({ stores })]
  })
  const ended = started('support')
  await eventually(() => (looks > 3 ? true : undefined))
  stop.abort()
  await ended
  expect(up.size).toBe(0)
})
