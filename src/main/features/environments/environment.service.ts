import type { Logger } from 'pino'
import {
  type Environment,
  type EnvironmentSecrets,
  type EnvironmentSettings,
  STORES,
  type StoreName,
} from '#shared/contract/environment.model.ts'
import type { ImportPreview, StoreTest } from '#shared/contract/environments.ts'
import type { InputOf } from '#shared/contract/index.ts'
import { parseEnvFile } from '#shared/env-file.ts'
import { type ImportResult, importVariables, type Variables } from '#shared/environment-import.ts'
import { AppError } from '#shared/errors.ts'
import { EnvironmentId, newId } from '#shared/ids.ts'
import { hasRole, type Role, weakerRole } from '#shared/permissions.ts'
import type { Connections } from '../../connections/connections.ts'
import type { SecretVault } from '../../connections/secret-vault.ts'
import { EnvironmentRepository, type StoredEnvironment } from './environment.repository.ts'
import { type SecretChange, SecretChanges, type SecretPlaces } from './secret-changes.ts'
import { testStore } from './store-test.ts'

/** How long a listing waits for the keychain; a locked one may be showing a dialogue. */
const KEYCHAIN_PATIENCE_MS = 2_000

type Source = InputOf<'environments.previewImport'>['source']

export interface EnvironmentDependencies {
  repository: EnvironmentRepository
  vault: SecretVault
  connections: Pick<Connections, 'forget'>
  /** What "the variables of this process" are; its own when absent. */
  variables?: Variables
  log?: Pick<Logger, 'warn'>
}

/** The environments of this installation and their secrets. */
export class EnvironmentService {
  private readonly deps: EnvironmentDependencies

  constructor(dependencies: EnvironmentDependencies) {
    this.deps = dependencies
  }

  /** As saved, without asking the keychain: for opening the context of an operation. Rejects with NOT_FOUND. */
  async find(id: EnvironmentId): Promise<Environment> {
    return await this.stored(id)
  }

  async list(): Promise<Environment[]> {
    const all = await this.deps.repository.all()
    const seen = await Promise.all(all.map(environment => this.withPlaces(environment)))
    return seen.sort((a, b) => a.name.localeCompare(b.name))
  }

  async get(id: EnvironmentId): Promise<Environment> {
    return await this.withPlaces(await this.stored(id))
  }

  async create({ settings, secrets, secretStorage }: SecretChange): Promise<Environment> {
    requireFreeName(await this.deps.repository.all(), settings.name, undefined)
    const now = new Date().toISOString()
    const nothing: SecretPlaces = { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' }
    const id = EnvironmentId.parse(newId())
    const undo = new SecretChanges(this.deps.vault, id, nothing)
    const places = await undo.apply({ settings, secrets, secretStorage })
    const environment: StoredEnvironment = { ...settings, id, createdAt: now, updatedAt: now, secrets: places }
    await undo.unlessFails(() =>
      this.deps.repository.change(current => {
        requireFreeName(current, settings.name, undefined)
        return [...current, environment]
      }),
    )
    return await this.withPlaces(environment)
  }

  async update(id: EnvironmentId, { settings, secrets, secretStorage }: SecretChange): Promise<Environment> {
    const before = await this.stored(id)
    requireFreeName(await this.deps.repository.all(), settings.name, id)
    const undo = new SecretChanges(this.deps.vault, id, before.secrets)
    const places = await undo.apply({ settings, secrets, secretStorage })
    let changed = before
    await undo.unlessFails(() =>
      this.deps.repository.change(current => {
        requireFreeName(current, settings.name, id)
        const saved = requireOne(current, id)
        changed = {
          ...settings,
          id,
          createdAt: saved.createdAt,
          updatedAt: laterThan(saved.updatedAt),
          secrets: places,
        }
        return current.map(one => (one.id === id ? changed : one))
      }),
    )
    await this.deps.connections.forget(
      id,
      STORES.filter(store => settings.stores[store] === undefined),
    )
    return await this.withPlaces(changed)
  }

  /** Forgets settings and secrets; the stores themselves are not touched. */
  async delete(id: EnvironmentId): Promise<void> {
    let gone: StoredEnvironment | undefined
    await this.deps.repository.change(current => {
      gone = requireOne(current, id)
      return current.filter(one => one.id !== id)
    })
    for (const store of STORES) {
      const isGone = await this.deps.vault.remove({ environmentId: id, store }, gone?.secrets[store] ?? 'none')
      if (!isGone) this.deps.log?.warn({ environmentId: id, store }, 'the keychain still holds a secret without use')
    }
    await this.deps.connections.forget(id)
  }

  /** Tries the stores side by side; a store that fails is part of the answer. */
  async test(
    input: InputOf<'environments.test'>,
    caller: { maximumRole: Role; signal: AbortSignal },
  ): Promise<StoreTest[]> {
    const saved =
      input.environmentId === undefined ? undefined : await this.stored(EnvironmentId.parse(input.environmentId))
    const settings = input.settings ?? saved
    if (settings === undefined) {
      throw new AppError('INVALID_INPUT', 'Name an environment or give settings to test.', {
        details: { fields: { settings: 'Settings or the id of an environment are needed' } },
      })
    }
    const wanted = STORES.filter(store => input.stores?.includes(store) ?? settings.stores[store] !== undefined)
    return await Promise.all(
      wanted.map(store => {
        const trial = async () => {
          const own = settings.stores[store]
          if (own === undefined) throw notConfigured(store)
          return { settings: own, secret: await this.secretForTest(store, { ...input, settings, saved, ...caller }) }
        }
        const onFailure = (failure: AppError) => {
          const { cause, code, id } = failure
          this.deps.log?.warn({ err: cause, errorId: id, code, store }, 'connection test failed')
        }
        return testStore(store, trial as Parameters<typeof testStore<typeof store>>[1], {
          signal: caller.signal,
          onFailure,
        })
      }),
    )
  }

  previewImport(source: Source): ImportPreview {
    const { stores, secrets, used, problems } = this.imported(source)
    return { stores, used, problems, secretsFound: STORES.filter(store => secrets[store] !== undefined) }
  }

  async import(input: InputOf<'environments.import'>): Promise<Environment> {
    const { stores, secrets, problems } = this.imported(input.source)
    if (Object.keys(stores).length === 0) {
      throw new AppError('INVALID_INPUT', 'No store was found in these variables.', {
        hint:
          problems[0] ??
          'Known names: DATABASE_URL, PGHOST, MONGODB_URI, REDIS_URL, REDIS_HOST, S3_BUCKET and the like.',
        details: { fields: { source: 'No store was found' } },
      })
    }
    const { name, class: environmentClass, role, secretStorage } = input
    return await this.create({ settings: { name, class: environmentClass, role, stores }, secrets, secretStorage })
  }

  private imported(source: Source): ImportResult {
    if (source.kind === 'process') return importVariables(this.deps.variables ?? process.env)
    const file = parseEnvFile(source.text)
    const result = importVariables(file.variables)
    return { ...result, problems: [...file.problems, ...result.problems] }
  }

  /** A secret given for the test wins. A saved one goes to other settings than its own only for who could also save them. */
  private async secretForTest(store: StoreName, test: SecretTest): Promise<string | undefined> {
    const given = test.secrets?.[store]
    if (given !== undefined) return given === '' ? undefined : given
    const { saved } = test
    if (saved === undefined) return undefined
    const isOwn = JSON.stringify(saved.stores[store]) === JSON.stringify(test.settings.stores[store])
    if (isOwn || hasRole(weakerRole(test.maximumRole, saved.role), 'dba'))
      return await this.deps.vault.read(saved, store)
    throw new AppError('PERMISSION_DENIED', 'The saved secret goes to the saved address only.', {
      hint: 'Enter the secret to test other settings.',
    })
  }

  private async stored(id: EnvironmentId): Promise<StoredEnvironment> {
    return requireOne(await this.deps.repository.all(), id)
  }

  private async withPlaces(environment: StoredEnvironment): Promise<Environment> {
    const place = async (store: StoreName) => {
      const recorded = environment.secrets[store]
      const ref = { environmentId: environment.id, store }
      if (recorded === 'none') return recorded
      return (await this.deps.vault.isPresent(ref, recorded, KEYCHAIN_PATIENCE_MS)) ? recorded : 'missing'
    }
    const [postgres, mongo, redis, backup] = await Promise.all([
      place('postgres'),
      place('mongo'),
      place('redis'),
      place('backup'),
    ])
    return { ...environment, secrets: { postgres, mongo, redis, backup } }
  }
}

interface SecretTest {
  settings: Pick<EnvironmentSettings, 'stores'>
  secrets?: EnvironmentSecrets | undefined
  saved: StoredEnvironment | undefined
  maximumRole: Role
}

function requireOne(all: readonly StoredEnvironment[], id: string): StoredEnvironment {
  const found = all.find(one => one.id === id)
  if (found !== undefined) return found
  throw new AppError('NOT_FOUND', 'There is no such environment.', { hint: 'It may have been deleted meanwhile.' })
}

/** Names differ in more than case: people tell environments apart by them. */
function requireFreeName(all: readonly StoredEnvironment[], name: string, except: string | undefined): void {
  const isTaken = all.some(one => one.id !== except && one.name.toLowerCase() === name.toLowerCase())
  if (!isTaken) return
  throw new AppError('CONFLICT', `There is an environment named ${name} already.`, {
    hint: 'Choose another name.',
    details: { fields: { 'settings.name': 'This name is taken' } },
  })
}

/** Versions of an environment are told apart by this instant, so it always moves on. */
const laterThan = (instant: string): string => new Date(Math.max(Date.now(), Date.parse(instant) + 1)).toISOString()

const notConfigured = (store: StoreName): AppError =>
  new AppError('UNSUPPORTED', 'The environment has no settings for this store.', {
    hint: 'Add the store to the environment first.',
    details: { store },
  })

export interface EnvironmentServiceOptions extends Omit<EnvironmentDependencies, 'repository'> {
  dataDirectory: string
}

/** The service of a real host; its settings rest in `<dataDirectory>/environments.json`. */
export const createEnvironmentService = ({ dataDirectory, ...rest }: EnvironmentServiceOptions): EnvironmentService =>
  new EnvironmentService({ ...rest, repository: new EnvironmentRepository(dataDirectory) })
