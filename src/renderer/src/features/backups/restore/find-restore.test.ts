import { describe, expect, test } from 'vitest'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { Restore } from '#shared/contract/restore.model.ts'
import { latestJob, operationsIn, startedRestore } from './find-restore.ts'

const ARCHIVE = 'backups/schemas/tenant_a_1f3a9c0e/backup_schema_2026-01-31T02-00-00/'
const job = (change: object) =>
  ({
    operation: 'backups.prepare',
    tenantId: 't',
    state: 'running',
    createdAt: '2026-02-01T10:00:00.000Z',
    result: null,
    ...change,
  }) as unknown as JobSnapshot
const restore = (change: object) =>
  ({ archive: ARCHIVE, state: 'preparing', createdAt: '2026-02-01T10:00:01.000Z', ...change }) as unknown as Restore

describe('the restore that a job builds', () => {
  test('is the one of the same archive that is being prepared', () => {
    const other = restore({ id: 'other', archive: 'another' })
    const ready = restore({ id: 'ready', state: 'ready' })
    const wanted = restore({ id: 'wanted' })
    expect(startedRestore(job({}), [other, ready, wanted], ARCHIVE)).toBe(wanted)
  })

  test('is not an older one, but clocks may differ by some seconds', () => {
    expect(startedRestore(job({}), [restore({ createdAt: '2026-02-01T09:00:00.000Z' })], ARCHIVE)).toBeUndefined()
    expect(startedRestore(job({}), [restore({ createdAt: '2026-02-01T09:59:40.000Z' })], ARCHIVE)).toBeDefined()
  })

  test('is the one that a failed job left behind', () => {
    const failed = restore({ state: 'failed' })
    expect(startedRestore(job({ state: 'failed' }), [failed], ARCHIVE)).toBe(failed)
    expect(startedRestore(job({ state: 'failed' }), [], ARCHIVE)).toBeUndefined()
  })
})

test('a restore that is ready is not taken for the one that is being prepared', () => {
  const jobs = [job({}), job({ operation: 'backups.recompare', state: 'succeeded' })]
  expect(latestJob(jobs, 't', operationsIn('ready'))?.operation).toBe('backups.recompare')
  expect(latestJob(jobs, 't', operationsIn('preparing'))?.operation).toBe('backups.prepare')
  expect(latestJob(jobs, 'another', operationsIn('preparing'))).toBeUndefined()
})
