import { expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { testTenant } from '../main/kernel/test-kernel.ts'
import { createTestCli, demo } from './test-cli.ts'

const acme = testTenant()

const echo = () => {
  const inputs: unknown[] = []
  const take = async (input: unknown) => {
    inputs.push(input)
    throw new AppError('UNSUPPORTED', 'Seen.')
  }
  const names = ['tenants.create', 'tenants.update', 'tenants.list', 'features.set', 'environments.create']
  const handlers = Object.fromEntries([...names, 'environments.import'].map(name => [name, take]))
  return { inputs, handlers }
}

test('flags become fields; dotted ones win over the JSON text of the whole', async () => {
  const { inputs, handlers } = echo()
  await using cli = await createTestCli({ handlers })
  const name = ['--name', 'Acme Corp', '--slug', 'acme-corp', '--admin-email', 'a@acme.example']
  const settings = ['--settings', '{"country":"IN","currency":"INR"}', '--settings.currency', 'USD']
  const outcome = await cli.run(['create-tenant', ...name, ...settings])
  expect(outcome).toMatchObject({ code: 1, notes: expect.stringContaining('Seen. (UNSUPPORTED)') })
  expect(inputs).toEqual([
    {
      environmentId: demo.id,
      name: 'Acme Corp',
      slug: 'acme-corp',
      adminEmail: 'a@acme.example',
      adminFirstName: 'Admin',
      adminLastName: 'User',
      settings: { country: 'IN', currency: 'USD' },
    },
  ])
})

test('lists are repeated flags, --no- clears and switches off', async () => {
  const { inputs, handlers } = echo()
  await using cli = await createTestCli({ handlers, tenants: [acme] })
  await cli.run('tenants list --status active --status failed --limit 7')
  await cli.run(`tenants update --tenant ${acme.id} --no-description`)
  await cli.run(`features set --tenant ${acme.id} --feature payroll --no-enabled`)
  expect(inputs).toMatchObject([
    { status: ['active', 'failed'], limit: 7 },
    { description: null },
    { feature: 'payroll', enabled: false },
  ])
})

test('what is wrong is said flag by flag, before anything runs', async () => {
  await using cli = await createTestCli(echo())
  const typed = ['--limit', 'many', '--slug', 'x']
  expect((await cli.run(['tenants', 'list', ...typed.slice(0, 2)])).notes).toContain('--limit: This is a number.')
  const missing = await cli.run(['tenants', 'create', '--slug', 'acme', '--settings', '{'])
  expect(missing.code).toBe(2)
  expect(missing.notes.split('\n')).toEqual([
    'Some values are not valid. (INVALID_INPUT)',
    '  --settings: This is a JSON text.',
    '  --name: This is required.',
    '  --admin-email: This is required.',
    '',
  ])
  const refused = await cli.run('tenants create --name A --slug UPPER --admin-email a@b.example')
  expect(refused).toMatchObject({ code: 2, notes: expect.stringContaining('--slug: 2 to 40 lower-case letters') })
})

test('secrets come from standard input, a variable or a person, never from an argument', async () => {
  const { inputs, handlers } = echo()
  await using cli = await createTestCli({ handlers })
  const base = [
    'environments',
    'create',
    '--settings.name',
    'D',
    '--settings.class',
    'staging',
    '--settings.role',
    'dba',
  ]
  const stored = [...base, '--secret-storage', 'keychain']
  const flags = ['--secrets.postgres-stdin', '--secrets.redis-stdin', '--secrets.backup-env', 'KEY']
  await cli.run([...stored, ...flags], { input: 'one\ntwo\n', variables: { KEY: 'three' } })
  await cli.run([...stored, '--secrets.mongo-prompt'], { answers: ['four'] })
  expect(inputs).toMatchObject([
    { settings: { stores: {} }, secrets: { postgres: 'one', redis: 'two', backup: 'three' } },
    { secrets: { mongo: 'four' } },
  ])
  expect((await cli.run([...stored, '--secrets.postgres', 'one'])).code).toBe(2)
  expect((await cli.run([...stored, '--secrets.mongo-prompt'])).notes).toContain('Nobody can be asked here')
  expect((await cli.run([...stored, '--secrets.postgres-env', 'NONE'])).notes).toContain('NONE is not set')
  expect((await cli.run([...stored, '--secrets.postgres-stdin'])).notes).toContain('Standard input holds no line')
})

test('an import takes a file, standard input or the process', async () => {
  const { inputs, handlers } = echo()
  await using cli = await createTestCli({ handlers })
  const line = 'environments import --name D --class development --role dba --secret-storage session'
  await cli.run(`${line} --from-file .env`)
  await cli.run(`${line} --from-file -`, { input: 'A=1' })
  await cli.run(`${line} --from-process`)
  expect(inputs).toMatchObject([
    { source: { kind: 'text', text: '# .env' } },
    { source: { kind: 'text', text: 'A=1' } },
    { source: { kind: 'process' } },
  ])
  expect(await cli.run(line)).toMatchObject({
    code: 2,
    notes: expect.stringContaining('--from-file or --from-process'),
  })
})
