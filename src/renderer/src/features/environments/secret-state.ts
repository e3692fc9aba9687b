import { type Environment, STORES, type StoreName } from '#shared/contract/environment.model.ts'
import type { Meaning } from '../../components/StateMark.tsx'
import { STORE_TITLES } from '../../lib/stores.ts'

export interface SecretState {
  meaning: Meaning
  word: string
  /** More than fits into a column. */
  detail: string
}

/** Stores that cannot be opened because their secret is gone. */
export const storesMissingSecret = (environment: Environment): StoreName[] =>
  STORES.filter(store => environment.stores[store] !== undefined && environment.secrets[store] === 'missing')

/** Where the secrets of an environment rest, the worst first. */
export function secretState(environment: Environment): SecretState {
  const missing = storesMissingSecret(environment)
  if (missing.length > 0)
    return { meaning: 'bad', word: `${missing.length} missing`, detail: `Missing: ${written(missing)}` }
  const places = STORES.map(store => environment.secrets[store])
  if (places.includes('session')) {
    return { meaning: 'warn', word: 'This session only', detail: 'Gone when the console ends' }
  }
  if (places.includes('keychain')) {
    return { meaning: 'ok', word: 'Keychain', detail: 'In the keychain of this computer' }
  }
  return { meaning: 'quiet', word: 'None', detail: 'No store asks for one' }
}

/** PostgreSQL; PostgreSQL and Redis; PostgreSQL, MongoDB and Redis. */
export const written = (stores: readonly StoreName[]): string =>
  new Intl.ListFormat('en-GB').format(stores.map(store => STORE_TITLES[store]))
