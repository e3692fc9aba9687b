import { expect, test } from 'vitest'
import { z } from 'zod'
import { operations } from '#shared/contract/index.ts'
import { redact } from './redact.ts'

const HIDDEN = '[redacted]'
const secret = z.string().meta({ secret: true })

test('what the contract marks as secret is replaced, however it is wrapped and wherever it lies', () => {
  const schema = z.object({
    plain: secret,
    optional: secret.optional(),
    outer: z.string().optional().meta({ secret: true }),
    nullable: secret.nullable(),
    withDefault: secret.default('x'),
    list: z.array(secret),
    deep: z.object({ items: z.array(z.object({ value: secret, name: z.string() })) }).optional(),
    choice: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('text'), text: secret }),
      z.object({ kind: z.literal('process') }),
    ]),
  })
  const value = {
    plain: 'hunter2',
    optional: 'hunter2',
    outer: 'hunter2',
    nullable: 'hunter2',
    withDefault: 'hunter2',
    list: ['hunter2', 'hunter2'],
    deep: { items: [{ value: 'hunter2', name: 'kept' }] },
    choice: { kind: 'text', text: 'hunter2' },
  }
  expect(redact(value, schema)).toEqual({
    plain: HIDDEN,
    optional: HIDDEN,
    outer: HIDDEN,
    nullable: HIDDEN,
    withDefault: HIDDEN,
    list: [HIDDEN, HIDDEN],
    deep: { items: [{ value: HIDDEN, name: 'kept' }] },
    choice: { kind: 'text', text: HIDDEN },
  })
})

test.each([
  'password',
  'adminPassword',
  'passphrase',
  'clientSecret',
  'accessToken',
  'apiKey',
  'api_key',
  'privateKey',
])('a field that is called %s is replaced without any schema', name => {
  expect(redact({ [name]: 'hunter2', other: 'kept' })).toEqual({ [name]: HIDDEN, other: 'kept' })
})

test.each([
  ['postgres://dba:hunter2@db.example/hr', `postgres://dba:${HIDDEN}@db.example/hr`],
  ['postgres://dba:hun@ter2@db.example/hr', `postgres://dba:${HIDDEN}@db.example/hr`],
  ['mongodb+srv://dba:hunter2@a.example,b.example', `mongodb+srv://dba:${HIDDEN}@a.example,b.example`],
  ['redis://:hunter2@cache.example', `redis://:${HIDDEN}@cache.example`],
  ['it is postgres://dba:hunter2@db.example now', `it is postgres://dba:${HIDDEN}@db.example now`],
  [
    'host=db.example user=dba password=hunter2 sslmode=require',
    `host=db.example user=dba password=${HIDDEN} sslmode=require`,
  ],
  ['postgres://db.example/hr?password=hunter2&x=1', `postgres://db.example/hr?password=${HIDDEN}&x=1`],
  ['https://db.example:5432/path', 'https://db.example:5432/path'],
  ['asha@acme.example', 'asha@acme.example'],
])('passwords inside texts are replaced: %s', (text, expected) => {
  expect(redact({ note: text })).toEqual({ note: expected })
})

test('everything else stays, as JSON', () => {
  const value = { count: 3, on: false, none: null, missing: undefined, list: [1, 'a', null], big: 10n }
  expect(redact(value)).toEqual({ count: 3, on: false, none: null, missing: null, list: [1, 'a', null], big: '10' })
  expect(redact(undefined)).toBeNull()
})

test('the secrets of every operation of the contract are replaced', () => {
  const environment = { settings: {}, secretStorage: 'session', secrets: { postgres: 'hunter2', backup: 'hunter2' } }
  const samples: Record<string, object> = {
    'environments.create': environment,
    'environments.update': environment,
    'environments.test': environment,
    'environments.import': { source: { kind: 'text', text: 'DATABASE_URL=postgres://dba:hunter2@db/hr' } },
    'environments.previewImport': { source: { kind: 'text', text: 'PGPASSWORD=hunter2' } },
    'jobs.claimSecret': { ticket: 'hunter2' },
  }
  for (const [name, input] of Object.entries(samples)) {
    expect(JSON.stringify(redact(input, operations.get(name)?.input)), name).not.toContain('hunter2')
  }
})
