import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterSchema, migrate, type Scratch, scratchDatabase, testServers } from '../../../../migrations/scratch.ts'
import { DEFAULT_DEPARTMENTS, DEFAULT_DESIGNATIONS, type DefaultAdmin, defaultData } from './default-data.ts'

const ADMIN: DefaultAdmin = {
  email: 'Asha.Rao@acme.example',
  firstName: 'Asha',
  lastName: "O'Rao ✓",
  passwordHash: '$2b$10$abcdefghijklmnopqrstuuVxAqA3nJ0mP0dRzjq8l1fYw0b0o1q2e',
  adminRole: 'admin',
}

describe.each(testServers())('default data on $name', ({ url }) => {
  let scratch: Scratch
  let adminId: string
  const rows = async (sql: string) => (await scratch.client.query(sql)).rows

  beforeAll(async () => {
    scratch = await scratchDatabase(url)
    await enterSchema(scratch.client, 'tenant_fresh')
    await migrate(scratch.client, 'tenant', 'up')
    const { text, values } = defaultData(ADMIN, { timezone: 'Europe/Berlin', currency: 'EUR' })
    const result = await scratch.client.query<{ id: string }>(text, values)
    adminId = result.rows[0]?.id ?? ''
  })
  afterAll(() => scratch[Symbol.asyncDispose]())

  test('creates annual, sick and casual leave with their days and approval rules', async () => {
    expect(
      await rows(`select name, code, max_days_per_year::int as days, is_paid, requires_approval, status
                  from leave_types order by code`),
    ).toEqual([
      { name: 'Annual', code: 'AL', days: 20, is_paid: true, requires_approval: true, status: 'active' },
      { name: 'Casual', code: 'CL', days: 5, is_paid: true, requires_approval: false, status: 'active' },
      { name: 'Sick', code: 'SL', days: 10, is_paid: true, requires_approval: true, status: 'active' },
    ])
  })

  test('creates the three system roles with exactly their permissions', async () => {
    expect(
      await rows(`select r.name, r.is_system, array_agg(p.permission order by p.permission) as permissions
                  from roles r join role_permissions p on p.role = r.name group by r.name, r.is_system order by r.name`),
    ).toEqual([
      { name: 'admin', is_system: true, permissions: ['*'] },
      { name: 'user', is_system: true, permissions: ['read:profile', 'update:profile'] },
      { name: 'viewer', is_system: true, permissions: ['read:*'] },
    ])
  })

  test('creates one active administrator, returns its id and finds it in any case', async () => {
    expect(await rows('select id, email, first_name, last_name, password_hash, role, is_active from users')).toEqual([
      {
        id: adminId,
        email: ADMIN.email,
        first_name: ADMIN.firstName,
        last_name: ADMIN.lastName,
        password_hash: ADMIN.passwordHash,
        role: 'admin',
        is_active: true,
      },
    ])
    expect(await rows("select id from users where email = 'ASHA.RAO@ACME.EXAMPLE'")).toHaveLength(1)
  })

  test('creates designations, departments and a workflow each for leave and payroll', async () => {
    expect(await rows('select code from designations')).toHaveLength(DEFAULT_DESIGNATIONS.length)
    expect(await rows('select code from departments')).toHaveLength(DEFAULT_DEPARTMENTS.length)
    expect(
      await rows(`select entity_type, jsonb_array_length(steps) as steps from approval_workflows order by entity_type`),
    ).toEqual([
      { entity_type: 'leave', steps: 1 },
      { entity_type: 'payroll', steps: 1 },
    ])
  })

  test('takes over the settings of the tenant and fills in the rest', async () => {
    const settings = await rows('select key, value from organization_settings order by key')
    expect(Object.fromEntries(settings.map(row => [row.key, row.value]))).toEqual({
      country: 'IN',
      currency: 'EUR',
      financial_year: { starts_on: '04-01' },
      holidays: [],
      timezone: 'Europe/Berlin',
      working_week: { days: [1, 2, 3, 4, 5] },
    })
  })
})
