import { expect, test } from 'vitest'
import type { Verification } from '#shared/contract/backup.model.ts'
import { judge, stampOf } from './archive-words.ts'

const verification = (change: Partial<Verification>): Verification => ({
  depth: 'hashes',
  outcome: 'passed',
  at: '2026-01-31T03:00:00Z',
  durationMs: 10,
  who: 'ann',
  problems: [],
  ...change,
})

test('an archive nobody verified is not called good', () => {
  expect(judge({ state: 'complete', problem: null, verified: null })).toMatchObject({
    meaning: 'quiet',
    word: 'Not verified',
  })
})

test('a failed verification says what is wrong', () => {
  const verified = verification({ outcome: 'failed', problems: ['data/001_users: 3 bytes are missing'] })
  expect(judge({ state: 'complete', problem: null, verified })).toEqual({
    meaning: 'bad',
    word: 'Failed verification',
    detail: 'data/001_users: 3 bytes are missing',
  })
})

test('a damaged archive stays damaged, whatever was verified before', () => {
  const verified = verification({})
  expect(judge({ state: 'damaged', problem: 'The hash does not fit.', verified })).toMatchObject({
    word: 'Damaged',
    detail: 'The hash does not fit.',
  })
})

test('the stamp in a name is read as UTC', () => {
  expect(stampOf('backups/schemas/tenant_a_1f3a9c0e/backup_schema_2026-01-31T02-00-05/')).toBe('2026-01-31T02:00:05Z')
  expect(stampOf('backups/2026/01/x')).toBeUndefined()
})
