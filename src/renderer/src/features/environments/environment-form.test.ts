import { describe, expect, it } from 'vitest'
import { type Environment, EnvironmentSettings } from '#shared/contract/environment.model.ts'
import { formPath, storeErrors, validateEnvironment } from './environment-errors.ts'
import { emptyEnvironment, formOf, toSecrets, toSettings } from './environment-form.ts'

const settings: EnvironmentSettings = {
  name: 'Staging',
  class: 'staging',
  role: 'operator',
  stores: {
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
  },
}
const environment = {
  ...settings,
  id: 'e',
  createdAt: '',
  updatedAt: '',
  secrets: { postgres: 'session', mongo: 'none', redis: 'none', backup: 'none' },
} as unknown as Environment

describe('formOf and toSettings', () => {
  it('bring a saved environment back unchanged', () => {
    expect(toSettings(formOf(environment))).toEqual(settings)
    expect(toSettings(formOf({ ...environment, stores: {} }))).toEqual({ ...settings, stores: {} })
    const folder = { ...environment, stores: { backup: { kind: 'folder', path: '/backups' } } } as Environment
    expect(toSettings(formOf(folder)).stores).toEqual(folder.stores)
  })

  it('keep the way secrets were kept', () => {
    expect(formOf(environment).secretStorage).toBe('session')
  })

  it('leave out what was left empty', () => {
    const values = { ...emptyEnvironment('keychain'), name: 'Local' }
    values.postgres.database = 'hr'
    expect(EnvironmentSettings.safeParse(toSettings(values)).success).toBe(true)
    expect(toSettings(values).stores.postgres?.tls).toEqual({ mode: 'prefer' })
  })
})

describe('toSecrets', () => {
  it('sends what was typed or removed, of connected stores only', () => {
    const values = emptyEnvironment('keychain')
    values.secrets = { postgres: 'pw', mongo: 'left over', redis: undefined, backup: undefined }
    expect(toSecrets(values)).toEqual({ postgres: 'pw' })
    values.secrets.postgres = ''
    expect(toSecrets(values)).toEqual({ postgres: '' })
  })
})

describe('validateEnvironment', () => {
  it('names the fields of the form', () => {
    const values = emptyEnvironment('keychain')
    values.isOn.redis = true
    values.redis.nodes = 'not a node!:x'
    const messages = validateEnvironment(values)
    expect(Object.keys(messages).sort()).toEqual(['name', 'postgres.database', 'redis.nodes'])
    expect(messages['redis.nodes']).toBe('Write each node as host:port')
    expect(Object.keys(storeErrors(values)).sort()).toEqual(['postgres.database', 'redis.nodes'])
  })

  it.each([
    ['stores.postgres.tls.mode', 'postgres.tlsMode'],
    ['settings.stores.postgres.tls.ca', 'postgres.ca'],
    ['stores.redis.nodes.0.port', 'redis.nodes'],
    ['settings.name', 'name'],
    ['stores.backup.bucket', 'backup.bucket'],
  ])('%s belongs to %s', (path, field) => {
    expect(formPath(path)).toBe(field)
  })
})
