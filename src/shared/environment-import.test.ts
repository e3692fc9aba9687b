import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { importVariables, parseMongoUri, parsePostgresUrl, parseRedisUrl } from './environment-import.ts'

describe('a PostgreSQL URL', () => {
  const usual = { host: 'db.example', port: 5_432, database: 'hr', user: 'ann', tls: { mode: 'prefer' } }

  test.each([
    ['postgres://ann@db.example/hr', usual, undefined],
    ['postgresql://ann:secret@db.example:6543/hr', { ...usual, port: 6_543 }, 'secret'],
    ['  POSTGRESQL://ann@db.example/hr \n', usual, undefined],
    ['postgres://ann:p%40ss%2Fw%3Ard@db.example/hr', usual, 'p@ss/w:rd'],
    ['postgres://ann:p@ss@db.example/hr', usual, 'p@ss'],
    ['postgres://ann:a:b@db.example/hr', usual, 'a:b'],
    ['postgres://ann@db.example', { ...usual, database: 'ann' }, undefined],
    ['postgres://ann@[::1]:5433/hr', { ...usual, host: '::1', port: 5_433 }, undefined],
    ['postgres://ann@%2Fvar%2Frun%2Fpostgresql/hr', { ...usual, host: '/var/run/postgresql' }, undefined],
    ['postgresql:///hr?host=/tmp&user=ann&port=5433', { ...usual, host: '/tmp', port: 5_433 }, undefined],
    ['postgres://db.example/hr?user=ann&password=secret', usual, 'secret'],
    ['postgres://a%C3%BC@db.example/h%20r', { ...usual, user: 'aü', database: 'h r' }, undefined],
    ['postgres://ann@db.example/hr?schema=registry', { ...usual, registrySchema: 'registry' }, undefined],
  ])('%s', (url, settings, password) => {
    expect(parsePostgresUrl(url)).toMatchObject({ ok: true, settings, password })
  })

  test.each([
    ['sslmode=disable', 'disable'],
    ['sslmode=allow', 'prefer'],
    ['sslmode=prefer', 'prefer'],
    ['sslmode=require', 'require'],
    ['sslmode=no-verify', 'require'],
    ['sslmode=verify-ca', 'verify-ca'],
    ['sslmode=VERIFY-FULL', 'verify-full'],
    ['ssl=true', 'require'],
    ['application_name=x', 'prefer'],
  ])('%s means %s', (query, mode) => {
    expect(parsePostgresUrl(`postgres://ann@db.example/hr?${query}`)).toMatchObject({ settings: { tls: { mode } } })
  })

  test('the password is never part of the settings', () => {
    const parsed = parsePostgresUrl('postgres://ann:topsecret@db.example/hr?password=topsecret')
    expect(JSON.stringify(parsed.ok && parsed.settings)).not.toContain('topsecret')
  })
  test('a file with an authority is named, since it cannot be read here', () => {
    expect(parsePostgresUrl('postgres://ann@h/hr?sslmode=verify-full&sslrootcert=/etc/ca.pem')).toMatchObject({
      notes: [expect.stringContaining('sslrootcert')],
    })
  })
  test.each([
    'mysql://ann@db.example/hr',
    'not a url',
    'postgres://ann@a,b/hr',
    'postgres://ann@db.example:port/hr',
    'postgres://ann@db.example:70000/hr',
    'postgres://ann:%zz@db.example/hr',
    'postgres://db.example/hr',
    'postgres://ann@db.example/hr?sslmode=maybe',
    'postgres://ann@db.example/host=evil',
    '',
  ])('%j is refused with a reason', url => {
    expect(parsePostgresUrl(url)).toEqual({ ok: false, problem: expect.stringMatching(/\S/) })
  })
})

describe('a MongoDB URI', () => {
  test.each([
    ['mongodb://ann:p%40ss@h:27017/hr?authSource=admin', 'mongodb://ann@h:27017/hr?authSource=admin', 'hr', 'p@ss'],
    ['mongodb+srv://ann:x@cluster.example/hr', 'mongodb+srv://ann@cluster.example/hr', 'hr', 'x'],
    ['mongodb://h1:1,h2:2,h3/hr?replicaSet=rs0', 'mongodb://h1:1,h2:2,h3/hr?replicaSet=rs0', 'hr', undefined],
    ['mongodb://ann@h/hr', 'mongodb://ann@h/hr', 'hr', undefined],
  ])('%s', (uri, clean, ...[database, password]) => {
    expect(parseMongoUri(uri)).toMatchObject({ ok: true, settings: { uri: clean, database }, password })
  })
  test('takes the database from elsewhere where the URI names none, and says so where there is none', () => {
    expect(parseMongoUri('mongodb://h', 'hr')).toMatchObject({ ok: true, settings: { database: 'hr' } })
    expect(parseMongoUri('mongodb://h')).toEqual({ ok: false, problem: expect.stringContaining('database') })
  })
  test.each(['http://h/hr', 'mongodb://', 'mongodb://ann:%zz@h/hr'])('%j is refused', uri => {
    expect(parseMongoUri(uri)).toMatchObject({ ok: false })
  })
})

describe('a Redis URL', () => {
  test.each([
    [
      'redis://h',
      { mode: 'single', nodes: [{ host: 'h', port: 6_379 }], database: 0, tls: { enabled: false } },
      undefined,
    ],
    [
      'rediss://ann:pw@h:6380/3',
      { user: 'ann', nodes: [{ host: 'h', port: 6_380 }], database: 3, tls: { enabled: true } },
      'pw',
    ],
    ['redis://:pw@h', { nodes: [{ host: 'h', port: 6_379 }] }, 'pw'],
    [
      'redis://:pw@h1:1,h2:2',
      {
        mode: 'cluster',
        nodes: [
          { host: 'h1', port: 1 },
          { host: 'h2', port: 2 },
        ],
      },
      'pw',
    ],
  ])('%s', (url, settings, password) => {
    expect(parseRedisUrl(url)).toMatchObject({ ok: true, settings, password })
  })
  test.each(['http://h', 'redis://h/99', 'redis://h/x', 'redis://h:x'])('%j is refused', url => {
    expect(parseRedisUrl(url)).toMatchObject({ ok: false })
  })
})

describe('variables', () => {
  test('all stores of a system, the secrets apart', () => {
    const result = importVariables({
      DATABASE_URL: 'postgres://ann:pg-secret@db/hr?sslmode=require',
      MONGODB_URI: 'mongodb://ann:mongo-secret@m/hr',
      REDIS_HOST: 'r',
      REDIS_PORT: '6380',
      REDIS_PASSWORD: 'redis-secret',
      REDIS_TLS: 'true',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 's3-secret',
      AWS_REGION: 'eu-central-1',
      S3_BUCKET: 'hr-backups',
      PATH: '/usr/bin',
    })
    expect(result).toMatchObject({
      stores: {
        postgres: { host: 'db', database: 'hr', user: 'ann', tls: { mode: 'require' } },
        mongo: { uri: 'mongodb://ann@m/hr', database: 'hr' },
        redis: { mode: 'single', nodes: [{ host: 'r', port: 6_380 }], tls: { enabled: true } },
        backup: { kind: 's3', bucket: 'hr-backups', region: 'eu-central-1', pathStyle: false, accessKeyId: 'AKIA' },
      },
      secrets: { postgres: 'pg-secret', mongo: 'mongo-secret', redis: 'redis-secret', backup: 's3-secret' },
      problems: [],
    })
    expect(result.used.sort()).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'DATABASE_URL',
      'MONGODB_URI',
      'REDIS_HOST',
      'REDIS_PASSWORD',
      'REDIS_PORT',
      'REDIS_TLS',
      'S3_BUCKET',
    ])
    expect(JSON.stringify(result.stores)).not.toContain('secret')
  })

  test('PG* variables, as libpq reads them', () => {
    expect(
      importVariables({ PGHOST: 'db', PGPORT: '5433', PGUSER: 'ann', PGPASSWORD: 'x', PGSSLMODE: 'verify-full' }),
    ).toMatchObject({
      stores: { postgres: { host: 'db', port: 5_433, user: 'ann', database: 'ann', tls: { mode: 'verify-full' } } },
      secrets: { postgres: 'x' },
      problems: [],
    })
  })
  test('DATABASE_URL wins over PG*, which are then not used', () => {
    const result = importVariables({ DATABASE_URL: 'postgres://ann@db/hr', PGHOST: 'other', PGPASSWORD: 'other' })
    expect(result).toMatchObject({ stores: { postgres: { host: 'db' } }, secrets: {}, used: ['DATABASE_URL'] })
  })
  test.each([
    [
      { AWS_ENDPOINT_URL_S3: 'https://one', S3_ENDPOINT: 'https://two', AWS_ENDPOINT_URL: 'https://three' },
      'https://one',
    ],
    [{ S3_ENDPOINT: 'https://two', AWS_ENDPOINT_URL: 'https://three' }, 'https://two'],
    [{ AWS_ENDPOINT_URL: 'https://three' }, 'https://three'],
  ])('the endpoint of an S3-compatible server: %j', (variables, endpoint) => {
    const result = importVariables({ ...variables, S3_BUCKET: 'backups', AWS_ACCESS_KEY_ID: 'A' })
    expect(result.stores.backup).toMatchObject({ endpoint, pathStyle: true, region: 'us-east-1' })
  })
  test('empty variables count as absent', () => {
    expect(importVariables({ DATABASE_URL: '', PGHOST: '', REDIS_HOST: '', S3_BUCKET: '' })).toEqual({
      stores: {},
      secrets: {},
      used: [],
      problems: [],
    })
  })

  test.each([
    [{ DATABASE_URL: 'mysql://ann:hunter2@db/hr' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'postgres://ann:hunter2@db:hunter2/hr' }, 'DATABASE_URL'],
    [{ PGHOST: 'db', PGPASSWORD: 'hunter2' }, 'PGUSER'],
    [{ PGHOST: 'db', PGUSER: 'ann', PGSSLMODE: 'hunter2' }, 'PGSSLMODE'],
    [{ PGHOST: 'db', PGUSER: 'ann', PGPORT: 'hunter2' }, 'PG'],
    [{ MONGODB_URI: 'mongodb://ann:hunter2@h' }, 'MONGODB_URI'],
    [{ MONGODB_URI: 'ann:hunter2@h' }, 'MONGODB_URI'],
    [{ REDIS_URL: 'ann:hunter2@h' }, 'REDIS_URL'],
    [{ REDIS_HOST: 'h', REDIS_PORT: 'hunter2' }, 'REDIS_PORT'],
    [{ S3_BUCKET: 'Not_A_Bucket', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'hunter2' }, 'S3_BUCKET'],
    [{ S3_BUCKET: 'backups', AWS_SECRET_ACCESS_KEY: 'hunter2' }, 'AWS_ACCESS_KEY_ID'],
    [{ AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'hunter2' }, 'S3_BUCKET'],
    [{ S3_BUCKET: 'backups', AWS_ACCESS_KEY_ID: 'A', AWS_SESSION_TOKEN: 'hunter2' }, 'AWS_SESSION_TOKEN'],
  ])('a problem names its variable and never a value: %j', (variables, name) => {
    const { problems } = importVariables(variables)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(name)
    expect(problems[0]).not.toContain('hunter2')
  })

  test('no text makes it throw or leak', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('DATABASE_URL', 'MONGODB_URI', 'REDIS_URL', 'PGPORT'), (tail, name) => {
        const scheme = { DATABASE_URL: 'postgres://', MONGODB_URI: 'mongodb://', REDIS_URL: 'redis://', PGPORT: '' }[
          name
        ]
        const { problems } = importVariables({ PGUSER: 'ann', [name]: `${scheme}ann:hunter2@${tail}` })
        expect(problems.join()).not.toContain('hunter2')
      }),
    )
  })
})
