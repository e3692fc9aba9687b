import { describe, expect, it } from 'vitest'
import { type Environment, EnvironmentSettings, type Stores } from '#shared/contract/environment.model.ts'
import { EnvironmentId } from '#shared/ids.ts'
import {
  type EnvironmentValues,
  hasNewSecret,
  newEnvironment,
  storeMessages,
  toSecrets,
  toSettings,
  validateEnvironment,
  validateGeneral,
  valuesOf,
} from './environment-form.ts'

const stores: Stores = {
  postgres: {
    host: 'db.example',
    port: 5433,
    database: 'hr',
    user: 'console',
    tls: { mode: 'verify-full', ca: '-----BEGIN CERTIFICATE-----' },
    registrySchema: 'registry',
  },
  mongo: { uri: 'mongodb://reader@docs.example:27017/hr', database: 'hr' },
  redis: {
    mode: 'cluster',
    nodes: [
      { host: 'a.example', port: 7000 },
      { host: 'b.example', port: 7001 },
    ],
    user: 'cache',
    database: 0,
    tls: { enabled: true },
  },
  backup: {
    kind: 's3',
    endpoint: 'https://s3.example',
    region: 'eu-central-1',
    bucket: 'archives',
    pathStyle: true,
    accessKeyId: 'AKIA',
  },
}

const saved: Environment = {
  id: EnvironmentId.parse('0192f0c8-0000-7000-8000-000000000001'),
  name: 'Staging',
  class: 'staging',
  role: 'operator',
  stores,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  secrets: { postgres: 'keychain', mongo: 'missing', redis: 'none', backup: 'session' },
}

const change = (values: EnvironmentValues, edit: (values: EnvironmentValues) => void): EnvironmentValues => {
  const copy = structuredClone(values)
  edit(copy)
  return copy
}

const complete = change(newEnvironment('keychain'), values => {
  values.name = 'Local'
  values.class = 'development'
  Object.assign(values.stores.postgres, { host: 'localhost', database: 'hr', user: 'hr' })
})

describe('valuesOf and toSettings', () => {
  it('bring saved settings back unchanged', () => {
    expect(EnvironmentSettings.parse(toSettings(valuesOf(saved, 'keychain')))).toEqual(EnvironmentSettings.parse(saved))
    const folder: Environment = { ...saved, stores: { backup: { kind: 'folder', path: '/backups' } } }
    expect(toSettings(valuesOf(folder, 'keychain')).stores).toEqual(folder.stores)
  })

  it('keep how archives rest in a bucket, and no key id that no encryption takes', () => {
    const kept = { serverSideEncryption: 'aws:kms', kmsKeyId: 'alias/backups', storageClass: 'GLACIER_IR' } as const
    const bucket: Environment = { ...saved, stores: { backup: { ...stores.backup, ...kept } as Stores['backup'] } }
    const values = valuesOf(bucket, 'keychain')
    expect(toSettings(values).stores).toEqual(bucket.stores)
    const other = change(values, edited => {
      edited.stores.backup.serverSideEncryption = 'AES256'
    })
    expect(toSettings(other).stores.backup).toMatchObject({ serverSideEncryption: 'AES256' })
    expect(toSettings(other).stores.backup).not.toHaveProperty('kmsKeyId')
    expect(validateEnvironment(other, bucket)).toEqual({})
    const wrong = change(values, edited => {
      edited.stores.backup.kmsKeyId = 'not a key'
    })
    expect(validateEnvironment(wrong, bucket)).toHaveProperty(['stores.backup.kmsKeyId'])
  })

  it('leave out what was left empty and stores that are off', () => {
    expect(toSettings(complete).stores).toEqual({
      postgres: {
        host: 'localhost',
        port: 5432,
        database: 'hr',
        user: 'hr',
        tls: { mode: 'prefer' },
        registrySchema: 'public',
      },
    })
  })

  it('take one node and no certificates for a plain single Redis', () => {
    const values = change(valuesOf(saved, 'keychain'), edited => {
      edited.stores.redis = { ...edited.stores.redis, mode: 'single', tls: { enabled: false, ca: 'PEM' } }
    })
    expect(toSettings(values).stores.redis).toMatchObject({
      nodes: [{ host: 'a.example', port: 7000 }],
      tls: { enabled: false },
    })
    expect(toSettings(values).stores.redis?.tls.ca).toBeUndefined()
  })

  it('can be limited to the stores of a test', () => {
    expect(Object.keys(toSettings(valuesOf(saved, 'keychain'), ['redis']).stores)).toEqual(['redis'])
  })
})

describe('toSecrets', () => {
  it('leaves kept secrets alone', () => {
    expect(toSecrets(valuesOf(saved, 'keychain'))).toEqual({})
    expect(hasNewSecret(valuesOf(saved, 'keychain'))).toBe(false)
  })

  it('sends what was entered or removed, of stores that are on', () => {
    const values = change(valuesOf(saved, 'keychain'), edited => {
      edited.secrets.postgres = { change: 'remove', value: '' }
      edited.secrets.mongo = { change: 'set', value: 'new' }
      edited.secrets.redis = { change: 'set', value: 'left over' }
      edited.has.redis = false
    })
    expect(toSecrets(values)).toEqual({ postgres: '', mongo: 'new' })
    expect(hasNewSecret(values)).toBe(true)
  })

  it('removes the key of a bucket that became a folder', () => {
    const values = change(valuesOf(saved, 'keychain'), edited => {
      edited.stores.backup.kind = 'folder'
    })
    expect(toSecrets(values)).toEqual({ backup: '' })
  })
})

describe('validateEnvironment', () => {
  it('accepts what is complete', () => {
    expect(validateEnvironment(complete, undefined)).toEqual({})
    expect(validateEnvironment(valuesOf(saved, 'keychain'), saved)).toEqual({})
  })

  it('names every field of a new environment that is still missing', () => {
    const messages = validateEnvironment(newEnvironment('keychain'), undefined)
    expect(Object.keys(messages).sort()).toEqual([
      'class',
      'name',
      'stores.postgres.database',
      'stores.postgres.host',
      'stores.postgres.user',
    ])
    expect(messages.class).toBe('Choose what kind of system this is')
  })

  it('asks for a store, for a number in a port, and for the replacement of a secret', () => {
    const none = change(complete, values => {
      values.has.postgres = false
    })
    expect(validateEnvironment(none, undefined)).toEqual({ stores: 'Switch on at least one store' })
    const wrong = change(valuesOf(saved, 'keychain'), values => {
      values.stores.postgres.port = ''
      values.stores.redis.nodes[1] = { host: '', port: 70_000 }
      values.secrets.postgres = { change: 'set', value: '' }
    })
    expect(validateEnvironment(wrong, saved)).toEqual({
      'stores.postgres.port': 'A number from 1 to 65535',
      'stores.redis.nodes.1.host': 'Enter a host name or address',
      'stores.redis.nodes.1.port': 'A number from 1 to 65535',
      'secrets.postgres': 'Enter the new one, or keep the present one',
    })
    expect(Object.keys(storeMessages(validateEnvironment(wrong, saved), 'postgres'))).toEqual([
      'stores.postgres.port',
      'secrets.postgres',
    ])
  })
})

describe('validateGeneral', () => {
  it('asks for name and class', () => {
    expect(validateGeneral(newEnvironment('session'))).toEqual({
      name: 'Enter a name',
      class: 'Choose what kind of system this is',
    })
  })
})
