import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import type { Json } from '#shared/json.ts'
import type { JobControl, JobStart } from './jobs.ts'
import { createTestKernel, MemoryClient, type TestKernel, testEnvironment, testTenant } from './test-kernel.ts'

let backend: TestKernel
beforeEach(async () => {
  backend = await createTestKernel()
})
afterEach(async () => {
  vi.useRealTimers()
  await backend[Symbol.asyncDispose]()
})

const start = (run: JobStart['run']): JobSnapshot =>
  backend.jobs.start({
    operation: 'tenants.create',
    title: 'Provision a tenant · Acme',
    who: 'asha',
    environmentId: null,
    tenantId: null,
    run,
  })

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = () => reject(new AppError('CANCELLED', 'It was rolled back.'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })

function watch() {
  const seen: JobSnapshot[] = []
  backend.jobs.subscribe(job => seen.push(job))
  return seen
}

const linesOf = async (id: string) =>
  (await readFile(join(backend.folder, 'jobs', `${id}.jsonl`), 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

describe('a job', () => {
  test('is known before it works, then runs and succeeds with its result', async () => {
    const seen = watch()
    const job = start(async () => ({ slug: 'acme' }))
    expect(job).toMatchObject({ state: 'queued', startedAt: null, result: null })
    const end = await backend.jobs.finished(job.id)
    expect(end).toMatchObject({ id: job.id, state: 'succeeded', result: { slug: 'acme' }, error: null })
    expect(end.finishedAt).not.toBeNull()
    expect(seen.map(snapshot => snapshot.state)).toEqual(['queued', 'running', 'succeeded'])
    expect(backend.jobs.get(job.id)).toEqual(end)
  })

  test('fails with the error of its work', async () => {
    const job = start(async () => {
      throw new AppError('CONFLICT', 'Taken.')
    })
    const end = await backend.jobs.finished(job.id)
    expect(end).toMatchObject({ state: 'failed', result: null, error: { code: 'CONFLICT', message: 'Taken.' } })
  })

  test('keeps its steps in order, with durations, and which one failed', async () => {
    const job = start(async control => {
      await control.step('Create schema', async () => undefined)
      await control.step('Apply migrations', async () => {
        throw new AppError('CONFLICT', 'Locked.')
      })
      return null
    })
    const { steps } = await backend.jobs.finished(job.id)
    expect(steps).toEqual([
      { name: 'Create schema', state: 'done', durationMs: expect.any(Number) },
      { name: 'Apply migrations', state: 'failed', durationMs: expect.any(Number) },
    ])
  })

  test('keeps its latest 200 log lines in memory, and all of them on disk', async () => {
    const job = start(async control => {
      for (let line = 0; line < 250; line += 1) control.log(`line ${line}`)
      return null
    })
    const { log } = await backend.jobs.finished(job.id)
    expect([log.length, log[0]?.text, log.at(-1)?.text]).toEqual([200, 'line 50', 'line 249'])
    await backend.jobs.close()
    const lines = await linesOf(job.id)
    expect(lines.map(line => line.type)).toEqual(['created', ...Array(250).fill('log'), 'ended'])
  })

  test('is not disturbed by a watcher that fails', async () => {
    backend.jobs.subscribe(() => {
      throw new Error('The window is gone.')
    })
    const job = start(async () => 'done')
    expect(await backend.jobs.finished(job.id)).toMatchObject({ state: 'succeeded', result: 'done' })
  })

  test('that nobody knows is NOT_FOUND', () => {
    expect(() => backend.jobs.get(newId())).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expect(() => backend.jobs.cancel(newId())).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
  })
})

describe('cancelling a job', () => {
  test('asks it to stop, and it is cancelled once its work has stopped', async () => {
    const seen = watch()
    const job = start(async (control, signal) => (await control.step('Copy', () => untilAborted(signal))) as Json)
    await vi.waitFor(() => expect(seen.at(-1)?.steps).toHaveLength(1))
    expect(backend.jobs.cancel(job.id).state).toBe('cancelling')
    const end = await backend.jobs.finished(job.id)
    expect(end).toMatchObject({
      state: 'cancelled',
      error: { code: 'CANCELLED', message: 'It was rolled back.' },
      steps: [{ name: 'Copy', state: 'failed' }],
    })
    expect(backend.jobs.cancel(job.id)).toEqual(end)
  })

  test('too late does not make a success into a cancellation', async () => {
    const job = start(async (_control, signal) => {
      await untilAborted(signal).catch(() => undefined)
      return 'committed already'
    })
    await Promise.resolve()
    backend.jobs.cancel(job.id)
    expect(await backend.jobs.finished(job.id)).toMatchObject({ state: 'succeeded', result: 'committed already' })
  })

  test('does not hide a failure that came on the way', async () => {
    const job = start(async (_control, signal) => {
      await untilAborted(signal).catch(() => undefined)
      throw new AppError('CONNECTION_FAILED', 'The rollback did not reach the server.')
    })
    await Promise.resolve()
    backend.jobs.cancel(job.id)
    expect(await backend.jobs.finished(job.id)).toMatchObject({ state: 'failed', error: { code: 'CONNECTION_FAILED' } })
  })

  test('begins no further step', async () => {
    const begun: string[] = []
    const job = start(async (control, signal) => {
      await control.step('One', () => untilAborted(signal)).catch(() => undefined)
      await control.step('Two', async () => begun.push('Two'))
      return null
    })
    await Promise.resolve()
    backend.jobs.cancel(job.id)
    expect(await backend.jobs.finished(job.id)).toMatchObject({ state: 'cancelled', steps: [{ name: 'One' }] })
    expect(begun).toEqual([])
  })

  test('happens to all of them when the console ends', async () => {
    const job = start((_control, signal) => untilAborted(signal))
    await backend.jobs.close()
    expect(backend.jobs.get(job.id).state).toBe('cancelled')
    expect((await linesOf(job.id)).at(-1)).toMatchObject({ type: 'ended', job: { state: 'cancelled' } })
  })
})

describe('progress', () => {
  test('reaches watchers at most five times a second, and the last always', async () => {
    vi.useFakeTimers()
    const seen = watch()
    const gate = Promise.withResolvers<void>()
    const job = start(async control => {
      for (let done = 1; done <= 1000; done += 1) {
        control.progress({ done, total: 1000, unit: 'rows' })
        await vi.advanceTimersByTimeAsync(1)
      }
      gate.resolve()
      return null
    })
    await gate.promise
    await backend.jobs.finished(job.id)
    const told = seen.flatMap(snapshot =>
      snapshot.state === 'running' && snapshot.progress ? [snapshot.progress.done] : [],
    )
    expect(told.length).toBeGreaterThanOrEqual(4)
    expect(told.length).toBeLessThanOrEqual(5)
    expect(seen.at(-1)).toMatchObject({
      state: 'succeeded',
      progress: { done: 1000, total: 1000, unit: 'rows', note: null },
    })
    await vi.advanceTimersByTimeAsync(1000)
    expect(seen.at(-1)?.state).toBe('succeeded')
  })

  test('that stands still is told although nothing follows it', async () => {
    vi.useFakeTimers()
    const seen = watch()
    start(async (control, signal) => {
      control.progress({ done: 7, unit: 'rows', note: 'waiting for a lock' })
      return await untilAborted(signal)
    })
    await vi.advanceTimersByTimeAsync(200)
    expect(seen.at(-1)?.progress).toEqual({ done: 7, total: null, unit: 'rows', note: 'waiting for a lock' })
  })
})

describe('a one-time secret', () => {
  const ticketOf = async (control: (ticket: string) => void) => {
    const job = start(async ({ oneTimeSecret }: JobControl) => {
      control(oneTimeSecret('s3cret-once'))
      return null
    })
    await backend.jobs.finished(job.id)
    return job
  }

  test('can be fetched once, and is in no snapshot and no file', async () => {
    let ticket = ''
    const job = await ticketOf(issued => {
      ticket = issued
    })
    expect(backend.jobs.claimSecret(ticket)).toBe('s3cret-once')
    expect(() => backend.jobs.claimSecret(ticket)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    await backend.jobs.close()
    expect(JSON.stringify([backend.jobs.get(job.id), await linesOf(job.id)])).not.toContain('s3cret-once')
  })

  test('is forgotten after 15 minutes, and when the console ends', async () => {
    vi.useFakeTimers()
    const tickets: string[] = []
    await ticketOf(issued => tickets.push(issued))
    await vi.advanceTimersByTimeAsync(15 * 60_000)
    await ticketOf(issued => tickets.push(issued))
    await backend.jobs.close()
    for (const ticket of tickets) expect(() => backend.jobs.claimSecret(ticket)).toThrow('already fetched')
  })
})

describe('through the kernel', () => {
  const environment = testEnvironment()
  const tenant = testTenant({ name: 'Acme' })
  const input = { environmentId: environment.id, tenantId: tenant.id }
  const report = { slug: tenant.slug, schemaDropped: true, tables: 19, rowsEstimate: '7' }
  const confirmation = { typed: tenant.slug }

  test('a call answers with the id at once, events follow, and the act is written down at start and end', async () => {
    const gate = Promise.withResolvers<void>()
    const remove = async (_input: never, { job }: { job: JobControl }) =>
      await job.step('Drop the schema', async () => {
        await gate.promise
        return report
      })
    const options = { handlers: { 'tenants.delete': remove }, environments: [environment], tenants: [tenant] }
    await using backend = await createTestKernel(options)
    const client = new MemoryClient(backend.kernel)
    const started = await client.call('tenants.delete', { ...input, confirmation })
    const jobId = started.type === 'result' ? (started.value as { jobId: string }).jobId : ''
    const end = client.call('jobs.watch', { jobId }, 'watch')
    gate.resolve()
    expect(await end).toMatchObject({ type: 'result', value: {} })
    const events = client.frames.flatMap(frame => (frame.type === 'event' ? [frame.value] : []))
    expect(events.at(-1)).toMatchObject({
      state: 'succeeded',
      title: 'Delete a tenant and all its data for good · Acme',
      result: report,
      steps: [{ name: 'Drop the schema', state: 'done' }],
    })
    const { items } = await backend.audit.list({ limit: 10 })
    expect(items.map(entry => [entry.operation, entry.outcome, entry.tenantSlug])).toEqual([
      ['tenants.delete', 'ok', tenant.slug],
      ['tenants.delete', 'started', tenant.slug],
    ])
  })

  test('a job goes on when the page that started it goes away', async () => {
    const gate = Promise.withResolvers<void>()
    const remove = async () => {
      await gate.promise
      return report
    }
    const options = { handlers: { 'tenants.delete': remove }, environments: [environment], tenants: [tenant] }
    await using backend = await createTestKernel(options)
    const client = new MemoryClient(backend.kernel)
    const started = await client.call('tenants.delete', { ...input, confirmation })
    const jobId = started.type === 'result' ? (started.value as { jobId: string }).jobId : ''
    client.close()
    gate.resolve()
    expect(await backend.jobs.finished(jobId)).toMatchObject({ state: 'succeeded' })
    const late = new MemoryClient(backend.kernel)
    expect(await late.call('jobs.watch', { jobId }, 'w')).toMatchObject({ type: 'result' })
    expect(late.frames).toMatchObject([{ type: 'event', value: { state: 'succeeded' } }, { type: 'result' }])
  })

  test('a job cancelled before its work begins does nothing, and that is written down', async () => {
    let calls = 0
    const remove = async () => {
      calls += 1
      return report
    }
    const options = { handlers: { 'tenants.delete': remove }, environments: [environment], tenants: [tenant] }
    await using backend = await createTestKernel(options)
    backend.jobs.subscribe(job => {
      if (job.state === 'queued') backend.jobs.cancel(job.id)
    })
    await new MemoryClient(backend.kernel).call('tenants.delete', { ...input, confirmation })
    const [job] = backend.jobs.list(1)
    expect(await backend.jobs.finished(job?.id ?? '')).toMatchObject({ state: 'cancelled' })
    expect(calls).toBe(0)
    const { items } = await backend.audit.list({ limit: 10 })
    expect(items.map(entry => entry.outcome).sort()).toEqual(['CANCELLED', 'started'])
  })

  test('watching a job that does not exist is NOT_FOUND, and watching ends when the watcher leaves', async () => {
    await using backend = await createTestKernel()
    const client = new MemoryClient(backend.kernel)
    expect(await client.call('jobs.watch', { jobId: newId() })).toMatchObject({ error: { code: 'NOT_FOUND' } })
    const all = client.call('jobs.watch', {}, 'all')
    client.send({ type: 'cancel', id: 'all' })
    expect(await all).toMatchObject({ id: 'all' })
  })
})
