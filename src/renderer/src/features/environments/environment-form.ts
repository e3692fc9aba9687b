import type {
  BackupSettings,
  Environment,
  EnvironmentSecrets,
  EnvironmentSettings,
  RedisSettings,
  StoreName,
  TlsSettings,
} from '#shared/contract/environment.model.ts'
import type { EnvironmentClass, Role } from '#shared/permissions.ts'
import { parseNodes, writeNodes } from './nodes.ts'

/** A password as the form holds it: undefined leaves the stored one as it is, the empty text removes it. */
type Secret = string | undefined

export interface EnvironmentFormValues {
  name: string
  class: EnvironmentClass
  role: Role
  secretStorage: 'keychain' | 'session'
  isOn: Record<StoreName, boolean>
  secrets: Record<StoreName, Secret>
  postgres: {
    host: string
    port: number | string
    database: string
    user: string
    tlsMode: TlsSettings['mode']
    ca: string
    registrySchema: string
  }
  mongo: { uri: string; database: string }
  redis: {
    mode: RedisSettings['mode']
    nodes: string
    user: string
    database: number | string
    tls: boolean
    ca: string
  }
  backup: {
    kind: BackupSettings['kind']
    endpoint: string
    region: string
    bucket: string
    pathStyle: boolean
    accessKeyId: string
    path: string
  }
}

export function emptyEnvironment(secretStorage: 'keychain' | 'session'): EnvironmentFormValues {
  return {
    name: '',
    class: 'development',
    role: 'dba',
    secretStorage,
    isOn: { postgres: true, mongo: false, redis: false, backup: false },
    secrets: { postgres: undefined, mongo: undefined, redis: undefined, backup: undefined },
    postgres: {
      host: 'localhost',
      port: 5432,
      database: '',
      user: 'postgres',
      tlsMode: 'prefer',
      ca: '',
      registrySchema: 'public',
    },
    mongo: { uri: 'mongodb://localhost:27017', database: '' },
    redis: { mode: 'single', nodes: 'localhost:6379', user: '', database: 0, tls: false, ca: '' },
    backup: { kind: 's3', endpoint: '', region: '', bucket: '', pathStyle: false, accessKeyId: '', path: '' },
  }
}

/** The form of a saved environment; its secrets stay where they are. */
export function formOf(environment: Environment): EnvironmentFormValues {
  const { postgres, mongo, redis, backup } = environment.stores
  const places = Object.values(environment.secrets)
  const values = emptyEnvironment(places.includes('session') ? 'session' : 'keychain')
  return {
    ...values,
    name: environment.name,
    class: environment.class,
    role: environment.role,
    isOn: {
      postgres: postgres !== undefined,
      mongo: mongo !== undefined,
      redis: redis !== undefined,
      backup: backup !== undefined,
    },
    postgres:
      postgres === undefined ? values.postgres : { ...postgres, tlsMode: postgres.tls.mode, ca: postgres.tls.ca ?? '' },
    mongo: mongo ?? values.mongo,
    redis:
      redis === undefined
        ? values.redis
        : {
            mode: redis.mode,
            nodes: writeNodes(redis.nodes),
            user: redis.user ?? '',
            database: redis.database,
            tls: redis.tls.enabled,
            ca: redis.tls.ca ?? '',
          },
    backup:
      backup === undefined
        ? values.backup
        : { ...values.backup, ...backup, endpoint: backup.kind === 's3' ? (backup.endpoint ?? '') : '' },
  }
}

const given = <K extends string>(name: K, value: string): { [P in K]?: string } =>
  value.trim() === '' ? {} : ({ [name]: value } as { [P in K]?: string })

/** What the contract takes. Values that make no sense are passed on as they are: its schema names the field. */
export function toSettings(values: EnvironmentFormValues): EnvironmentSettings {
  const { isOn, postgres, mongo, redis, backup } = values
  const { tlsMode, ca, ...server } = postgres
  return {
    name: values.name,
    class: values.class,
    role: values.role,
    stores: {
      ...(isOn.postgres
        ? { postgres: { ...server, port: Number(postgres.port), tls: { mode: tlsMode, ...given('ca', ca) } } }
        : {}),
      ...(isOn.mongo ? { mongo } : {}),
      ...(isOn.redis ? { redis: redisSettings(redis) } : {}),
      ...(isOn.backup ? { backup: backupSettings(backup) } : {}),
    },
  }
}

function redisSettings(redis: EnvironmentFormValues['redis']): RedisSettings {
  return {
    mode: redis.mode,
    nodes: parseNodes(redis.nodes) ?? [],
    ...given('user', redis.user),
    database: redis.mode === 'cluster' ? 0 : Number(redis.database),
    tls: { enabled: redis.tls, ...(redis.tls ? given('ca', redis.ca) : {}) },
  }
}

function backupSettings(backup: EnvironmentFormValues['backup']): BackupSettings {
  const { kind, path, endpoint, ...s3 } = backup
  return kind === 'folder' ? { kind, path } : { kind, ...s3, ...given('endpoint', endpoint) }
}

/** Only of stores that are connected, and only those that were typed or removed. */
export function toSecrets(values: EnvironmentFormValues): EnvironmentSecrets {
  const entries = Object.entries(values.secrets) as [StoreName, Secret][]
  return Object.fromEntries(entries.filter(([store, secret]) => secret !== undefined && values.isOn[store]))
}
