import {
  type BackupSettings,
  type Environment,
  type EnvironmentSecrets,
  EnvironmentSettings,
  type MongoSettings,
  type PostgresSettings,
  type RedisSettings,
  type S3Settings,
  STORES,
  type StoreName,
  type Stores,
  type TlsSettings,
} from '#shared/contract/environment.model.ts'
import type { EnvironmentClass, Role } from '#shared/permissions.ts'
import { type FieldMessages, validate, withoutEmpty } from '../../lib/form-errors.ts'

/** `keep`: as it rests; `set`: to the value; `remove`: taken out when saved. */
export interface SecretChange {
  change: 'keep' | 'set' | 'remove'
  value: string
}

/** A number field is an empty text while nothing is in it. */
type NumberText = number | string

export interface StoreValues {
  postgres: Omit<PostgresSettings, 'port' | 'tls'> & {
    port: NumberText
    tls: { mode: TlsSettings['mode']; ca: string }
  }
  mongo: MongoSettings
  redis: {
    mode: RedisSettings['mode']
    nodes: { host: string; port: NumberText }[]
    user: string
    database: NumberText
    tls: { enabled: boolean; ca: string }
  }
  backup: {
    kind: BackupSettings['kind']
    endpoint: string
    region: string
    bucket: string
    pathStyle: boolean
    accessKeyId: string
    serverSideEncryption: NonNullable<S3Settings['serverSideEncryption']>
    kmsKeyId: string
    storageClass: NonNullable<S3Settings['storageClass']>
    path: string
  }
}

export type SecretStorage = 'keychain' | 'session'

/** What every environment has, whatever its stores are. */
export interface GeneralValues {
  name: string
  class: EnvironmentClass | ''
  role: Role
  secretStorage: SecretStorage
}

/** The form holds every store, switched on or not; its paths are the contract's without `settings.`. */
export interface EnvironmentValues extends GeneralValues {
  has: Record<StoreName, boolean>
  stores: StoreValues
  secrets: Record<StoreName, SecretChange>
}

export const EMPTY_STORES: StoreValues = {
  postgres: {
    host: '',
    port: 5_432,
    database: '',
    user: '',
    tls: { mode: 'prefer', ca: '' },
    registrySchema: 'public',
  },
  mongo: { uri: '', database: '' },
  redis: {
    mode: 'single',
    nodes: [{ host: '', port: 6_379 }],
    user: '',
    database: 0,
    tls: { enabled: false, ca: '' },
  },
  backup: {
    kind: 's3',
    endpoint: '',
    region: 'us-east-1',
    bucket: '',
    pathStyle: false,
    accessKeyId: '',
    serverSideEncryption: 'none',
    kmsKeyId: '',
    storageClass: 'STANDARD',
    path: '',
  },
}

const everyStore = <T>(value: (store: StoreName) => T): Record<StoreName, T> => ({
  postgres: value('postgres'),
  mongo: value('mongo'),
  redis: value('redis'),
  backup: value('backup'),
})

/** The class has to be chosen: a wrong one would ask too little before something is lost. */
export const newGeneral = (secretStorage: SecretStorage): GeneralValues => ({
  name: '',
  class: '',
  role: 'dba',
  secretStorage,
})

export const newEnvironment = (secretStorage: SecretStorage): EnvironmentValues => ({
  ...newGeneral(secretStorage),
  has: everyStore(store => store === 'postgres'),
  stores: EMPTY_STORES,
  secrets: everyStore(() => ({ change: 'set', value: '' })),
})

/** Whether a secret rests somewhere and can be used. */
export const isKept = (environment: Environment | undefined, store: StoreName): boolean =>
  environment?.secrets[store] === 'keychain' || environment?.secrets[store] === 'session'

/** The form of a saved environment; its secrets stay where they are. */
export function valuesOf(environment: Environment, secretStorage: SecretStorage): EnvironmentValues {
  const { name, role, stores } = environment
  return {
    name,
    class: environment.class,
    role,
    secretStorage,
    has: everyStore(store => stores[store] !== undefined),
    stores: {
      postgres: stores.postgres === undefined ? EMPTY_STORES.postgres : postgresValues(stores.postgres),
      mongo: stores.mongo ?? EMPTY_STORES.mongo,
      redis: stores.redis === undefined ? EMPTY_STORES.redis : redisValues(stores.redis),
      backup: { ...EMPTY_STORES.backup, ...withoutEmpty(stores.backup ?? {}) },
    },
    secrets: everyStore(store => ({ change: isKept(environment, store) ? 'keep' : 'set', value: '' })),
  }
}

export const postgresValues = ({ tls, ...rest }: PostgresSettings): StoreValues['postgres'] => ({
  ...rest,
  tls: { mode: tls.mode, ca: tls.ca ?? '' },
})

export const redisValues = ({ user = '', tls, ...rest }: RedisSettings): StoreValues['redis'] => ({
  ...rest,
  user,
  tls: { enabled: tls.enabled, ca: tls.ca ?? '' },
})

/** One store as the contract takes it; what was left empty is absent. */
function storeOf(store: StoreName, { postgres, mongo, redis, backup }: StoreValues): unknown {
  switch (store) {
    case 'postgres':
      return { ...postgres, tls: withoutEmpty(postgres.tls) }
    case 'mongo':
      return mongo
    case 'redis': {
      const isCluster = redis.mode === 'cluster'
      const { user, ...rest } = redis
      return {
        ...rest,
        ...withoutEmpty({ user }),
        nodes: isCluster ? redis.nodes : redis.nodes.slice(0, 1),
        database: isCluster ? 0 : redis.database,
        tls: withoutEmpty(redis.tls.enabled ? redis.tls : { enabled: false }),
      }
    }
    case 'backup':
      return backup.kind === 'folder' ? { kind: backup.kind, path: backup.path } : bucketOf(backup)
  }
}

function bucketOf({ path: _, ...backup }: StoreValues['backup']): unknown {
  const { endpoint, serverSideEncryption, kmsKeyId, storageClass, ...rest } = backup
  return {
    ...rest,
    ...withoutEmpty({ endpoint, kmsKeyId: serverSideEncryption === 'aws:kms' ? kmsKeyId : '' }),
    ...(serverSideEncryption === 'none' ? {} : { serverSideEncryption }),
    ...(storageClass === 'STANDARD' ? {} : { storageClass }),
  }
}

export const storesIn = (values: EnvironmentValues): StoreName[] => STORES.filter(store => values.has[store])

/** What the contract takes, of all stores or of some; may not be valid yet. */
export function toSettings(values: EnvironmentValues, only: readonly StoreName[] = STORES): EnvironmentSettings {
  const { name, class: environmentClass, role, stores } = values
  const wanted = storesIn(values).filter(store => only.includes(store))
  return {
    name,
    class: environmentClass as EnvironmentClass,
    role,
    stores: Object.fromEntries(wanted.map(store => [store, storeOf(store, stores)])) as Stores,
  }
}

/** A folder has no secret: one that was kept for a bucket goes with it. */
const needsNoSecret = (store: StoreName, values: EnvironmentValues): boolean =>
  store === 'backup' && values.stores.backup.kind === 'folder'

/** Absent leaves a secret as it is, empty removes it. */
export function toSecrets(values: EnvironmentValues): EnvironmentSecrets {
  const secrets: EnvironmentSecrets = {}
  for (const store of storesIn(values)) {
    const { change, value } = values.secrets[store]
    if (change === 'remove' || (change === 'keep' && needsNoSecret(store, values))) secrets[store] = ''
    else if (change === 'set' && value !== '' && !needsNoSecret(store, values)) secrets[store] = value
  }
  return secrets
}

export const hasNewSecret = (values: EnvironmentValues): boolean =>
  Object.values(toSecrets(values)).some(secret => secret !== undefined && secret !== '')

const General = EnvironmentSettings.pick({ name: true, class: true, role: true })
const CHOOSE_CLASS: FieldMessages = { class: 'Choose what kind of system this is' }

export const validateGeneral = (values: GeneralValues): FieldMessages => ({
  ...validate(General, values),
  ...(values.class === '' ? CHOOSE_CLASS : {}),
})

/** @param environment the saved one; undefined for a new one */
export function validateEnvironment(values: EnvironmentValues, environment: Environment | undefined): FieldMessages {
  const messages = validate(EnvironmentSettings, toSettings(values))
  if (values.class === '') Object.assign(messages, CHOOSE_CLASS)
  if (storesIn(values).length === 0) Object.assign(messages, { stores: 'Switch on at least one store' })
  for (const store of storesIn(values)) {
    const { change, value } = values.secrets[store]
    const isReplaced = change === 'set' && isKept(environment, store) && !needsNoSecret(store, values)
    if (isReplaced && value === '') messages[`secrets.${store}`] = 'Enter the new one, or keep the present one'
  }
  return messages
}

/** The messages that concern one store. */
export const storeMessages = (messages: FieldMessages, store: StoreName): FieldMessages =>
  Object.fromEntries(
    Object.entries(messages).filter(([path]) => path.startsWith(`stores.${store}.`) || path === `secrets.${store}`),
  )
