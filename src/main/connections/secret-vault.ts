import type { Environment, StoreName } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { OsKeychain, type SecretAvailability, type SecretStore, SessionSecrets } from './keychain.ts'

/** Where a secret was put when it was saved; `none`: the store needs none. */
export type RecordedPlace = 'none' | 'keychain' | 'session'

export const STORE_TITLES: Readonly<Record<StoreName, string>> = {
  postgres: 'PostgreSQL',
  mongo: 'MongoDB',
  redis: 'Redis',
  backup: 'the backup store',
}

/** What `Connections` needs to know of secrets. */
export interface SecretReader {
  /** undefined when the store needs none. Rejects when one is expected and gone. */
  read(environment: Pick<Environment, 'id' | 'name' | 'secrets'>, store: StoreName): Promise<string | undefined>
}

interface SecretRef {
  environmentId: string
  store: StoreName
}

const accountOf = ({ environmentId, store }: SecretRef): string => `${environmentId}/${store}`

/** The secrets of all environments: in the OS keychain, or in memory until the process ends. Never on disk. */
export class SecretVault implements SecretReader {
  private readonly stores: { keychain: SecretStore; session: SecretStore }
  /** What the keychain was seen to hold; spares it a question for every listing. */
  private readonly seen = new Set<string>()

  constructor(stores: { keychain: SecretStore; session: SecretStore }) {
    this.stores = stores
  }

  /** Whether the OS keychain can be used, and why not. */
  availability(): Promise<SecretAvailability> {
    return this.stores.keychain.availability()
  }

  async read(environment: Pick<Environment, 'id' | 'name' | 'secrets'>, store: StoreName): Promise<string | undefined> {
    const place = environment.secrets[store]
    if (place === 'none') return undefined
    const account = accountOf({ environmentId: environment.id, store })
    const secret = await this.find(account, place)
    if (secret !== undefined) return secret
    this.seen.delete(account)
    throw new AppError('CONNECTION_FAILED', `The secret of ${STORE_TITLES[store]} is missing.`, {
      hint: `It is no longer in the keychain, or was kept for an earlier session only. Edit the environment ${environment.name} and enter it again.`,
      details: { reason: 'secret', store },
    })
  }

  /** The secret as it is now, without any judgement; for undoing a change. */
  async peek(ref: SecretRef, place: RecordedPlace): Promise<string | undefined> {
    return place === 'none' ? undefined : await this.stores[place].get(accountOf(ref))
  }

  /** Puts a secret into one place and takes it out of the other. */
  async save(ref: SecretRef, secret: string, place: 'keychain' | 'session'): Promise<void> {
    const account = accountOf(ref)
    await this.stores[place].set(account, secret)
    if (place === 'keychain') this.seen.add(account)
    await this.removeFrom(account, place === 'keychain' ? 'session' : 'keychain')
  }

  /** Resolves to false when the keychain could not be asked to forget it: an entry without use stays behind there. */
  async remove(ref: SecretRef, place: RecordedPlace): Promise<boolean> {
    const account = accountOf(ref)
    await this.stores.session.delete(account)
    return place === 'keychain' ? await this.removeFrom(account, 'keychain') : true
  }

  /** Whether the recorded place really holds the secret; a keychain that does not answer in time is given the benefit of the doubt. */
  async isPresent(ref: SecretRef, place: RecordedPlace, patienceMs: number): Promise<boolean> {
    if (place === 'none') return false
    const account = accountOf(ref)
    if ((await this.stores.session.get(account)) !== undefined) return true
    if (place === 'session') return false
    if (this.seen.has(account)) return true
    const answer = this.stores.keychain.get(account).then(
      secret => secret !== undefined,
      () => false,
    )
    const isPresent = await Promise.race([answer, patience(patienceMs)])
    if (isPresent) this.seen.add(account)
    return isPresent
  }

  private async find(account: string, place: Environment['secrets'][StoreName]): Promise<string | undefined> {
    const inMemory = await this.stores.session.get(account)
    if (inMemory !== undefined || place !== 'keychain') return inMemory
    return await this.stores.keychain.get(account)
  }

  private async removeFrom(account: string, place: 'keychain' | 'session'): Promise<boolean> {
    if (place === 'keychain') this.seen.delete(account)
    // A keychain that cannot be reached must not stop a session-only secret from being saved, nor an environment from going.
    return await this.stores[place].delete(account).then(
      () => true,
      () => false,
    )
  }
}

const patience = (milliseconds: number): Promise<true> =>
  new Promise(resolve => {
    setTimeout(() => resolve(true), milliseconds).unref()
  })

/** The vault of a real host. */
export const createSecretVault = (): SecretVault =>
  new SecretVault({ keychain: new OsKeychain(), session: new SessionSecrets() })
