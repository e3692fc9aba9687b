import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Operation } from '#shared/contract/define.ts'
import { operations } from '#shared/contract/index.ts'
import { AppError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { ENVIRONMENT_CLASSES, type EnvironmentClass, ROLES, type Role } from '#shared/permissions.ts'
import { createTestKernel, MemoryClient, testEnvironment, testSession, testTenant } from './test-kernel.ts'

/**
 * Every operation × role × class, derived from the contract. The rules are written here a second time, in the words of the
 * design, so that a slip in `permissions.ts` shows: reading is for everyone, the rest for the dba, unless the operation names
 * a role; destructive acts always ask for the typed name, others where they say so, production also for the reason.
 */

const REACHED = 'REACHED'
const tenant = testTenant()

/** Values for the fields of any input; a field that is not here must be optional or have a default. */
const VALUES: Readonly<Record<string, unknown>> = {
  accept: true,
  adminEmail: 'admin@acme.example',
  archive: 'backups/schemas/tenant_acme_00000000/backup_schema_2026-01-31T02-00-00/',
  class: 'development',
  comparisonId: newId(),
  database: 'restored',
  enabled: true,
  feature: 'payroll',
  jobId: newId(),
  key: 'backups/2026/01/backup_full_2026-01-31T02-00-00.dump',
  name: 'Acme Corp',
  policy: {},
  reason: 'for the test',
  restoreId: newId(),
  role: 'dba',
  secretStorage: 'session',
  secrets: {},
  settings: { name: 'Acme', class: 'development', role: 'dba', stores: {} },
  slug: 'acme-corp',
  source: { kind: 'process' },
  table: 'employees',
  tables: [{ table: 'employees', mode: 'overwrite' }],
  tenantId: tenant.id,
  ticket: 'ticket',
  token: 'token',
}

/** Fields that mean something else in each of these operations. */
const OWN_VALUES: Readonly<Record<string, object>> = {
  'backups.differences': { kind: 'changed' },
  'backups.sideDifferences': { kind: 'changed' },
  'schedules.set': { kind: 'fleet' },
}

function inputFor(
  { name, operation }: Pick<Case, 'name' | 'operation'>,
  environmentId: string,
): Record<string, unknown> {
  const shape = operation.input instanceof z.ZodObject ? operation.input.shape : {}
  const values = { ...VALUES, ...OWN_VALUES[name], environmentId }
  const required = Object.entries(shape).filter(([, field]) => !(field as z.ZodType).safeParse(undefined).success)
  const input = Object.fromEntries(required.map(([key]) => [key, Reflect.get(values, key)]))
  return 'environmentId' in shape ? { ...input, environmentId } : input
}

const rank = (role: Role): number => ['support', 'operator', 'dba'].indexOf(role)
const needed = ({ access, role }: Operation): Role => role ?? (access === 'read' ? 'support' : 'dba')
const asksForName = ({ access, confirm }: Operation, environmentClass: EnvironmentClass): boolean =>
  access === 'destructive' || confirm === 'always' || (confirm === 'production' && environmentClass === 'production')

interface Case {
  name: string
  operation: Operation
  role: Role
  environmentClass: EnvironmentClass
}

const cases = [...operations].flatMap(([name, operation]) =>
  ROLES.flatMap(role =>
    ENVIRONMENT_CLASSES.map((environmentClass): Case => ({ name, operation, role, environmentClass })),
  ),
)

async function attempt(
  { name, operation, role, environmentClass }: Case,
  given: 'session' | 'environment',
  extra = {},
) {
  const environment = testEnvironment({
    class: environmentClass,
    role: given === 'environment' ? role : 'dba',
    name: 'Payroll system',
  })
  const reach = async () => {
    throw new AppError('UNSUPPORTED', REACHED)
  }
  const options = { handlers: { [name]: reach }, environments: [environment], tenants: [tenant] }
  await using backend = await createTestKernel(options)
  const session = testSession({ maximumRole: given === 'session' ? role : 'dba' })
  const frame = await new MemoryClient(backend.kernel, session).call(name, {
    ...inputFor({ name, operation }, environment.id),
    ...extra,
  })
  if (frame.type === 'result' && operation.kind === 'job') {
    const { jobId } = frame.value as { jobId: string }
    return (await backend.jobs.finished(jobId)).error?.message
  }
  return frame.type === 'error' && frame.error.message === REACHED
    ? REACHED
    : frame.type === 'error'
      ? frame.error.code
      : frame
}

test('the matrix covers every operation, three roles and three classes', () => {
  expect(cases).toHaveLength(operations.size * 9)
})

test.each(cases)('$name as $role in $environmentClass', async testCase => {
  const { operation, role, environmentClass } = testCase
  const isAllowed = rank(role) >= rank(needed(operation))
  const open = asksForName(operation, environmentClass) ? 'CONFIRMATION_REQUIRED' : REACHED
  expect(await attempt(testCase, 'session')).toBe(isAllowed ? open : 'PERMISSION_DENIED')
  // Operations of the application concern no system, so an environment's role does not limit them.
  const isLimited = operation.scope !== 'app'
  expect(await attempt(testCase, 'environment')).toBe(isAllowed || !isLimited ? open : 'PERMISSION_DENIED')
})

const confirmed = cases.filter(
  ({ operation, role, environmentClass }) => role === 'dba' && asksForName(operation, environmentClass),
)

test.each(confirmed)('$name in $environmentClass wants the right name', async testCase => {
  const { operation, environmentClass } = testCase
  const name = operation.scope === 'tenant' ? tenant.slug : 'Payroll system'
  const attemptWith = (typed: string, reason?: string) =>
    attempt(testCase, 'session', { confirmation: { typed, ...(reason === undefined ? {} : { reason }) } })
  const isProduction = environmentClass === 'production'
  expect(await attemptWith(name, 'they left us')).toBe(REACHED)
  expect(await attemptWith(name)).toBe(isProduction ? 'CONFIRMATION_REQUIRED' : REACHED)
  expect(await attemptWith(name, '   ')).toBe(isProduction ? 'CONFIRMATION_REQUIRED' : REACHED)
  for (const wrong of ['', ` ${name}`, name.toUpperCase(), 'acme']) {
    expect(await attemptWith(wrong, 'they left us'), wrong).toBe('CONFIRMATION_REQUIRED')
  }
})

test('a refusal says what is expected, so that a form can ask for it', async () => {
  const environment = testEnvironment({ class: 'production' })
  const options = { handlers: { 'tenants.delete': async () => null }, environments: [environment], tenants: [tenant] }
  await using backend = await createTestKernel(options)
  const input = { environmentId: environment.id, tenantId: tenant.id }
  expect(await new MemoryClient(backend.kernel).call('tenants.delete', input)).toMatchObject({
    error: { code: 'CONFIRMATION_REQUIRED', details: { expected: tenant.slug, needsReason: true } },
  })
  expect(backend.jobs.list(10)).toEqual([])
})

test('refused reads are written down, granted ones are not', async () => {
  const environment = testEnvironment()
  const options = {
    handlers: { 'tenants.deletionPlan': async () => null },
    environments: [environment],
    tenants: [tenant],
  }
  await using backend = await createTestKernel(options)
  const input = { environmentId: environment.id, tenantId: tenant.id }
  await new MemoryClient(backend.kernel, testSession({ maximumRole: 'support' })).call('tenants.deletionPlan', input)
  await new MemoryClient(backend.kernel, testSession()).call('tenants.deletionPlan', input)
  const { items } = await backend.audit.list({ limit: 10 })
  expect(items).toMatchObject([{ operation: 'tenants.deletionPlan', outcome: 'PERMISSION_DENIED', who: 'asha' }])
})
