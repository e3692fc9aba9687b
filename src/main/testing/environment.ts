import type { Environment, Stores } from '#shared/contract/environment.model.ts'
import { EnvironmentId, newId } from '#shared/ids.ts'

/** An environment as a handler's context holds it; its secrets rest in the session where they are named. */
export function environmentWith(stores: Stores, change: Partial<Environment> = {}): Environment {
  return {
    id: EnvironmentId.parse(newId()),
    name: 'Test system',
    class: 'development',
    role: 'dba',
    stores,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    secrets: { postgres: 'session', mongo: 'session', redis: 'session', backup: 'session' },
    ...change,
  }
}
