import { expect, test } from 'vitest'
import { z } from 'zod'
import { operations } from '#shared/contract/index.ts'
import { commandSpecs } from './commands.ts'
import { flagsOf, requiredObjectsOf } from './flags.ts'

const Input = z.object({
  environmentId: z.uuid(),
  displayName: z.string().describe('Name to show'),
  limit: z.number().default(50).describe('Rows'),
  withoutBackup: z.boolean().default(false),
  status: z.array(z.enum(['active', 'failed'])).optional(),
  note: z.string().nullable().optional(),
  tags: z.record(z.string(), z.json()).optional(),
  tls: z.object({ mode: z.enum(['off', 'on']), caFile: z.string().optional() }).optional(),
  secrets: z.object({ database: z.string().optional().meta({ secret: true, description: 'Password' }) }),
})

test('one flag per field, in kebab case, with what the contract says about it', () => {
  const flags = Object.fromEntries(flagsOf(Input).map(flag => [flag.name, flag]))
  expect(Object.keys(flags)).toEqual([
    'display-name',
    'limit',
    'without-backup',
    'status',
    'note',
    'tags',
    'tls',
    'tls.mode',
    'tls.ca-file',
    'secrets.database',
  ])
  expect(flags['display-name']).toMatchObject({ kind: 'text', isRequired: true, description: 'Name to show' })
  expect(flags.limit).toMatchObject({ kind: 'number', isRequired: false, defaultValue: 50, description: 'Rows' })
  expect(flags['without-backup']).toMatchObject({ kind: 'boolean', defaultValue: false })
  expect(flags.status).toMatchObject({ kind: 'list', choices: ['active', 'failed'] })
  expect(flags.note).toMatchObject({ kind: 'text', isNullable: true })
  expect(flags.tags).toMatchObject({ kind: 'json' })
  expect(flags.tls).toMatchObject({ kind: 'json', isRequired: false })
  // Required in an object that may be left out as a whole.
  expect(flags['tls.mode']).toMatchObject({ kind: 'text', choices: ['off', 'on'], isRequired: false })
  expect(flags['secrets.database']).toMatchObject({ kind: 'secret', description: 'Password' })
})

test('objects that the contract demands are known, so that they can be sent empty', () => {
  expect(requiredObjectsOf(Input)).toEqual([['secrets']])
})

test('every operation has a command, apart from those that concern another process’s jobs', () => {
  const commands = new Set<string>(commandSpecs().map(spec => spec.operation))
  const without = [...operations.keys()].filter(name => !commands.has(name))
  expect(without).toEqual(['jobs.watch', 'jobs.cancel', 'jobs.claimSecret'])
})

test('every flag of every command has a help text from the contract', () => {
  const silent = [...operations].flatMap(([name, operation]) =>
    flagsOf(operation.input)
      .filter(flag => flag.description === '')
      .map(flag => `${name} --${flag.name}`),
  )
  expect(silent).toEqual([])
})

test('no secret can be given as an argument, alone or inside a JSON text', () => {
  for (const [name, operation] of operations) {
    const flags = flagsOf(operation.input)
    const secrets = flags.filter(flag => flag.kind === 'secret').map(flag => flag.name)
    const whole = flags.filter(
      flag => flag.kind === 'json' && secrets.some(secret => secret.startsWith(`${flag.name}.`)),
    )
    expect(whole, name).toEqual([])
  }
})
