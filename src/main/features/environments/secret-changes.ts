import { STORES, type StoreName } from '#shared/contract/environment.model.ts'
import type { InputOf } from '#shared/contract/index.ts'
import type { RecordedPlace, SecretVault } from '../../connections/secret-vault.ts'
import type { StoredEnvironment } from './environment.repository.ts'

export type SecretPlaces = StoredEnvironment['secrets']
export type SecretChange = InputOf<'environments.create'>

/** The changes of one environment's secrets, which can be undone when its settings cannot be saved. */
export class SecretChanges {
  private readonly vault: SecretVault
  private readonly environmentId: string
  private readonly before: SecretPlaces
  private readonly undo: (() => Promise<unknown>)[] = []

  constructor(vault: SecretVault, environmentId: string, before: SecretPlaces) {
    this.vault = vault
    this.environmentId = environmentId
    this.before = before
  }

  /** An absent secret stays, an empty one goes, and so does the secret of a store that goes. Resolves to where each rests now. */
  async apply({ settings, secrets, secretStorage }: SecretChange): Promise<SecretPlaces> {
    const places = { ...this.before }
    for (const store of STORES) {
      const isGone = settings.stores[store] === undefined
      const secret = isGone ? '' : secrets[store]
      if (secret === undefined) continue
      places[store] = secret === '' ? 'none' : secretStorage
      await this.unlessFails(() => this.change(store, secret, places[store]))
    }
    return places
  }

  /** Undoes what was applied when the work fails, and fails with the work's error. */
  async unlessFails(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      for (const step of this.undo.splice(0).reverse()) await step().catch(() => undefined)
      throw error
    }
  }

  private async change(store: StoreName, secret: string, place: RecordedPlace): Promise<void> {
    const ref = { environmentId: this.environmentId, store }
    const old = this.before[store]
    if (place === 'none' && old === 'none') return
    // A secret that cannot be read cannot be put back either; its loss is what the change wanted anyway.
    const previous = await this.vault.peek(ref, old).catch(() => undefined)
    this.undo.push(async () => {
      if (previous === undefined || old === 'none') await this.vault.remove(ref, place)
      else await this.vault.save(ref, previous, old)
    })
    if (place === 'none') await this.vault.remove(ref, old)
    else await this.vault.save(ref, secret, place)
  }
}
