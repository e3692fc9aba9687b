import { describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { testEnvironment, testTenant } from '../main/kernel/test-kernel.ts'
import { createTestCli, demo } from './test-cli.ts'

const facts = { schemaVersion: 4, employees: 145, sizeBytes: '1572864', lastActivityAt: null }
const acme = testTenant()
const rows = [
  { ...acme, facts },
  {
    ...testTenant({ slug: 'tiny', name: 'Tiny \u001b[31m & Co', status: 'suspended' }),
    facts: { ...facts, employees: 7 },
  },
]

/** Lists what a search finds, two at a time. */
const list = async ({ search, cursor }: { search?: string; cursor?: string }) => {
  const found = rows.filter(row => search === undefined || row.slug.includes(search))
  const from = Number(cursor ?? 0)
  const nextCursor = from + 1 < found.length ? String(from + 1) : null
  return { items: found.slice(from, from + 1), nextCursor, total: found.length, factsProblem: null }
}

describe('help', () => {
  test('needs no stores and names every group', async () => {
    await using cli = await createTestCli()
    const help = await cli.run('--help')
    expect(help.code).toBe(0)
    for (const word of ['tenants', 'environments', 'create-tenant', 'check-tenant', 'db', 'migrate', 'health']) {
      expect(help.out).toMatch(new RegExp(`^  ${word}`, 'm'))
    }
    expect(cli.opened()).toBe(0)
  })

  test('of a command is made of the contract', async () => {
    await using cli = await createTestCli()
    const help = await cli.run('tenants list --help')
    expect(help.out).toContain('List tenants with schema version, employees, size and last activity')
    expect(help.out).toContain('--status <active|suspended|archived|provisioning|failed|restoring>')
    expect(help.out).toMatch(/--limit <number> +Rows in a page \(default 50\)/)
    expect(help.out).not.toContain('--environment-id')
  })

  test.each(['', 'tenants', 'tenants lst', 'tenants list --nonsense', 'nonsense'])(
    '"%s" is wrong input',
    async line => {
      await using cli = await createTestCli()
      const outcome = await cli.run(line === '' ? [] : line)
      expect([outcome.code, outcome.out]).toEqual([2, ''])
      expect(outcome.notes).not.toBe('')
    },
  )

  test('--version', async () => {
    await using cli = await createTestCli()
    expect(await cli.run('--version')).toMatchObject({ code: 0, out: '1.2.3\n' })
  })
})

describe('lists', () => {
  test('are tables with figures to the right and hostile characters written out', async () => {
    await using cli = await createTestCli({ handlers: { 'tenants.list': list } })
    const outcome = await cli.run('list-tenants')
    expect(outcome.code).toBe(0)
    expect(outcome.out.split('\n')).toEqual([
      'Slug       Name                  Status     Schema version  Employees     Size  Last activity at',
      '─────────  ────────────────────  ─────────  ──────────────  ─────────  ───────  ────────────────',
      'acme-corp  Acme Corp             active                  4        145  1.5 MiB  –',
      'tiny       Tiny \\u001b[31m & Co  suspended               4          7  1.5 MiB  –',
      '',
    ])
  })

  test('say on standard error how to go on', async () => {
    await using cli = await createTestCli({ handlers: { 'tenants.list': list } })
    const page = await cli.run('tenants list')
    expect(page.out).not.toContain('tiny')
    expect(page.notes).toBe("There is more: --cursor '1'\n")
    expect((await cli.run('tenants list --cursor 1')).out).toContain('tiny')
    expect((await cli.run('tenants list --all')).out).toContain('tiny')
  })

  test('--json is one document, the same as the operation answered', async () => {
    await using cli = await createTestCli({ handlers: { 'tenants.list': list } })
    const outcome = await cli.run('tenants list --json')
    expect(JSON.parse(outcome.out)).toEqual(await list({}))
    expect(outcome.notes).toBe('')
  })

  test('say so when they are empty', async () => {
    await using cli = await createTestCli({ handlers: { 'tenants.list': list } })
    expect(await cli.run('tenants list --search none')).toMatchObject({ code: 0, out: '', notes: 'Nothing to show.\n' })
  })
})

describe('environment and tenant', () => {
  const environments = [testEnvironment({ name: 'Berlin' }), testEnvironment({ name: 'Pune' })]
  const handlers = { 'tenants.list': list, 'tenants.get': async () => ({ ...acme, facts }) }
  const seen = () => {
    const inputs: { environmentId: string }[] = []
    const check = async (input: { environmentId: string }) => {
      inputs.push(input)
      return { checkedAt: '2026-01-01T00:00:00Z', stores: [] }
    }
    return { inputs, handlers: { ...handlers, 'health.check': check } }
  }

  test('the only environment is taken by itself', async () => {
    const { inputs, handlers } = seen()
    await using cli = await createTestCli({ handlers })
    expect((await cli.run('health check')).code).toBe(0)
    expect(inputs).toEqual([{ environmentId: demo.id }])
  })

  test('with several, one must be named: by flag, variable, name or id', async () => {
    const { inputs, handlers } = seen()
    await using cli = await createTestCli({ handlers, environments })
    const unnamed = await cli.run('health check')
    expect(unnamed.code).toBe(2)
    expect(unnamed.notes).toContain('--environment: Which one? Berlin, Pune')
    await cli.run('health check --environment pune')
    await cli.run(`health check --environment ${environments[0]?.id}`)
    await cli.run('health check', { variables: { TENANTRY_ENVIRONMENT: 'Berlin' } })
    await cli.run('health check --environment Pune', { variables: { TENANTRY_ENVIRONMENT: 'Berlin' } })
    const [berlin, pune] = environments.map(environment => environment.id)
    expect(inputs.map(input => input.environmentId)).toEqual([pune, berlin, berlin, pune])
    expect((await cli.run('health check --environment Rome')).code).toBe(4)
  })

  test('without any, the first step is named', async () => {
    await using cli = await createTestCli({ environments: [] })
    const outcome = await cli.run('health check')
    expect(outcome.code).toBe(4)
    expect(outcome.notes).toContain('tenantry environments import')
  })

  test('a tenant is found by its exact slug, on whatever page', async () => {
    await using cli = await createTestCli({ handlers, tenants: [acme] })
    const outcome = await cli.run('check-tenant acme-corp')
    expect(outcome).toMatchObject({ code: 0, notes: '' })
    expect(outcome.out).toBe(
      [
        'Status          active',
        'Schema          tenant_acme_corp_1f3a9c0e',
        'Schema version  4',
        'Created         2026-01-01T00:00:00.000Z',
        'Employees       145',
        'Last activity   –',
        '',
      ].join('\n'),
    )
    expect((await cli.run('check-tenant acme')).code).toBe(4)
    expect((await cli.run(`tenants get --tenant ${acme.id}`)).code).toBe(0)
    expect(await cli.run('tenants get')).toMatchObject({ code: 2, notes: expect.stringContaining('--tenant: This is') })
  })
})

test.each([
  ['INVALID_INPUT', 2],
  ['CONFIRMATION_REQUIRED', 2],
  ['PERMISSION_DENIED', 3],
  ['NOT_FOUND', 4],
  ['CONNECTION_FAILED', 5],
  ['TIMEOUT', 5],
  ['CANCELLED', 130],
  ['CONFLICT', 1],
  ['TENANT_UNAVAILABLE', 1],
  ['UNSUPPORTED', 1],
  ['INTERNAL', 1],
] as const)('%s ends with %i', async (code, exitCode) => {
  const fail = async () => {
    throw new AppError(code, 'It failed.', { hint: 'Do this.', details: { expected: 'x', needsReason: false } })
  }
  await using cli = await createTestCli({ handlers: { 'environments.list': fail } })
  const outcome = await cli.run('environments list')
  expect(outcome).toMatchObject({ code: exitCode, out: '' })
  expect(outcome.notes).toContain(`It failed. (${code})`)
  const json = await cli.run('environments list --json')
  expect(JSON.parse(json.notes)).toMatchObject({ error: { code, message: 'It failed.' } })
})

test('a store that is out of reach makes a check end with 5, with its result', async () => {
  const error = new AppError('CONNECTION_FAILED', 'Refused.').toData()
  const store = { store: 'redis', state: 'failed', latencyMs: null, figures: [], error }
  const handlers = { 'health.check': async () => ({ checkedAt: '2026-01-01T00:00:00Z', stores: [store] }) }
  await using cli = await createTestCli({ handlers })
  expect(await cli.run('health check')).toMatchObject({ code: 5, out: expect.stringContaining('Refused.') })
})
