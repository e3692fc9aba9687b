import { describe, expect, test } from 'vitest'
import type { ScheduleRun } from '../main/features/backups/schedule/schedule-host.ts'
import { TERMINATED } from './schedule-run.ts'
import { createTestCli, demo } from './test-cli.ts'

const leading = { at: '2026-03-12T02:00:00.000Z', type: 'leading', kind: null, text: 'Running \u001b[31mall' } as const

/** Runs until it is stopped, as the real one does. */
function untilStopped(abort: AbortController, reason: unknown) {
  const runs: ScheduleRun[] = []
  const run = async (given: ScheduleRun) => {
    runs.push(given)
    given.onEvent(leading)
    abort.abort(reason)
  }
  return { runs, schedules: { run } }
}

describe('schedule run', () => {
  test.each([
    ['Ctrl-C', undefined, 130],
    ['SIGTERM', TERMINATED, 0],
  ])('stays until %s, with a line per event on standard error', async (_name, reason, code) => {
    const abort = new AbortController()
    const { runs, schedules } = untilStopped(abort, reason)
    await using cli = await createTestCli({ schedules })
    const outcome = await cli.run('schedule run --environment demo', { signal: abort.signal })
    expect(outcome).toMatchObject({ code, out: '' })
    expect(outcome.notes).toMatch(/^2026-03-12T02:00:00.000Z {2}leading {2}Running .*all\n$/)
    expect(outcome.notes).not.toContain('\u001b')
    expect(runs).toMatchObject([{ environmentId: demo.id, host: 'cli', maximumRole: 'dba' }])
  })

  test('writes events as JSON where a program reads them', async () => {
    const abort = new AbortController()
    await using cli = await createTestCli({ schedules: untilStopped(abort, undefined).schedules })
    const { notes } = await cli.run('schedule run --json', { signal: abort.signal })
    expect(JSON.parse(notes)).toEqual(leading)
  })

  test('names an environment that is not there, and needs no stores for its help', async () => {
    await using cli = await createTestCli()
    expect(await cli.run('schedule run --environment other')).toMatchObject({ code: 4 })
    const help = await cli.run('schedule run --help')
    expect([help.code, help.out, cli.opened()]).toEqual([0, expect.stringContaining('SIGTERM'), 1])
  })
})
