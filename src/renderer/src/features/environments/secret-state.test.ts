import { expect, it } from 'vitest'
import type { Environment } from '#shared/contract/environment.model.ts'
import { secretState, storesMissingSecret, written } from './secret-state.ts'

const none = { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' } as const
const of = (secrets: Partial<Environment['secrets']>) =>
  ({ stores: { postgres: {}, redis: {} }, secrets: { ...none, ...secrets } }) as Environment

it('shows the worst place of all secrets', () => {
  expect(secretState(of({})).word).toBe('None')
  expect(secretState(of({ postgres: 'keychain' }))).toMatchObject({ meaning: 'ok', word: 'Keychain' })
  expect(secretState(of({ postgres: 'keychain', redis: 'session' })).meaning).toBe('warn')
  expect(secretState(of({ postgres: 'missing', redis: 'session' }))).toEqual({
    meaning: 'bad',
    word: '1 missing',
    detail: 'Missing: PostgreSQL',
  })
})

it('does not miss the secret of a store that is not there', () => {
  expect(storesMissingSecret(of({ mongo: 'missing' }))).toEqual([])
})

it('writes stores as a sentence does', () => {
  expect(written(['postgres'])).toBe('PostgreSQL')
  expect(written(['postgres', 'mongo', 'redis'])).toBe('PostgreSQL, MongoDB and Redis')
})
