import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { JobId, newId } from '#shared/ids.ts'
import { JobLog } from './job-log.ts'
import { JobManager } from './jobs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-jobs-'))
})
afterEach(() => rm(folder, { recursive: true }))

const past = (change: Partial<JobSnapshot> = {}): JobSnapshot => ({
  id: JobId.parse(newId()),
  operation: 'tenants.create',
  title: 'Provision',
  environmentId: null,
  tenantId: null,
  who: 'asha',
  state: 'queued',
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  progress: null,
  steps: [],
  log: [],
  result: null,
  error: null,
  ...change,
})
const write = (job: JobSnapshot, ...lines: string[]) => writeFile(join(folder, `${job.id}.jsonl`), lines.join('\n'))
const created = (job: JobSnapshot, pid: number, machine = hostname()) =>
  JSON.stringify({ type: 'created', pid, machine, job })
const recovered = async () => {
  const jobs = new JobManager(new JobLog(folder))
  await jobs.recover()
  return jobs
}
/** No process has this id: Linux ends at 2^22, others below. */
const DEAD = 2 ** 30

test('jobs whose process died are interrupted, for good, also when their last line was cut', async () => {
  const job = past()
  await write(job, created(job, DEAD), '{"type":"log","at":"2026-01-01T00:00:01Z","text":"half a li')
  expect((await recovered()).get(job.id)).toMatchObject({ state: 'interrupted', finishedAt: expect.any(String) })
  const [first, second] = [(await recovered()).get(job.id), (await recovered()).get(job.id)]
  expect(second).toEqual(first)
})

test('jobs that ended are as they ended', async () => {
  const job = past()
  const end = { ...job, state: 'succeeded' as const, result: { slug: 'acme' } }
  await write(job, created(job, DEAD), JSON.stringify({ type: 'ended', job: end }), '')
  expect((await recovered()).get(job.id)).toEqual(end)
})

test('jobs that another live process works on are left alone', async () => {
  const job = past()
  await write(job, created(job, process.ppid), '')
  expect((await recovered()).get(job.id)).toMatchObject({ state: 'running', finishedAt: null })
})

test('jobs of an earlier process with this very id are not taken for live ones', async () => {
  const job = past()
  await write(job, created(job, process.pid), '')
  expect((await recovered()).get(job.id).state).toBe('interrupted')
})

test('files that cannot be read are left out', async () => {
  const broken = past()
  await write(broken, 'not a job')
  const jobs = await recovered()
  expect(jobs.list(10)).toEqual([])
})

test('earlier jobs are listed with the latest first, and no more than 500 are kept', async () => {
  for (let index = 0; index < 502; index += 1) {
    const job = past({ createdAt: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString() })
    await write(
      job,
      JSON.stringify({ type: 'created', pid: DEAD, machine: 'm', job }),
      JSON.stringify({ type: 'ended', job }),
    )
  }
  const jobs = await recovered()
  const listed = jobs.list(1000).map(job => job.createdAt)
  expect(listed).toHaveLength(500)
  expect(listed).toEqual([...listed].sort().reverse())
  expect(listed.at(-1)).toBe('2026-01-01T00:00:02.000Z')
  expect((await recovered()).list(1000)).toHaveLength(500)
})
