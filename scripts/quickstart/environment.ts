import type {
  Environment,
  EnvironmentSecrets,
  EnvironmentSettings,
  Stores,
} from '#shared/contract/environment.model.ts'
import type { LocalClient } from '../../src/main/kernel/local-client.ts'
import type { StoreSet } from './other-stores.ts'

export const DEMO_NAME = 'Demo'

/**
 * Creates the demo's environment, or brings the addresses of its stores up to date. What a person changed of it (name, class,
 * role, further stores) stays. Secrets are for the session only: the demo's folder knows them, no keychain needs to.
 */
export async function registerDemo(
  client: Pick<LocalClient, 'call'>,
  found: StoreSet,
  knownId: string | undefined,
): Promise<Environment> {
  const all = await client.call('environments.list', {})
  const before = all.find(one => one.id === knownId) ?? all.find(one => one.name === DEMO_NAME)
  if (before === undefined) {
    const settings: EnvironmentSettings = { name: DEMO_NAME, class: 'development', role: 'dba', stores: found.stores }
    return await client.call('environments.create', { settings, secrets: found.secrets, secretStorage: 'session' })
  }
  const settings: EnvironmentSettings = {
    name: before.name,
    class: before.class,
    role: before.role,
    stores: { ...before.stores, ...found.stores },
  }
  const isSame = JSON.stringify(settings.stores) === JSON.stringify(before.stores) && noSecret(found.secrets)
  if (isSame) return before
  return await client.call('environments.update', {
    environmentId: before.id,
    settings,
    secrets: found.secrets,
    secretStorage: 'session',
  })
}

const noSecret = (secrets: EnvironmentSecrets): boolean => Object.values(secrets).every(secret => secret === undefined)

/** Only the last of several sets counts for a store; its secret comes from the same set. */
export function mergeStores(...sets: readonly StoreSet[]): StoreSet {
  const merged: StoreSet = { stores: {}, secrets: {} }
  for (const { stores, secrets } of sets) {
    for (const name of Object.keys(stores) as (keyof Stores)[]) delete merged.secrets[name]
    Object.assign(merged.stores, stores)
    Object.assign(merged.secrets, secrets)
  }
  return merged
}
