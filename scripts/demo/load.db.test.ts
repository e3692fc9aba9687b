import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterSchema, migrate, type Scratch, scratchDatabase, testServers } from '../../migrations/scratch.ts'
import { DEFAULT_DEPARTMENTS, defaultData } from '../../src/main/features/tenants/default-data.ts'
import { makeRows } from './bulk.ts'
import { generateTenantData } from './generate.ts'
import { loadTenantData } from './load.ts'
import type { TenantData } from './rows.ts'
import { DEMO_TENANTS, type DemoTenant } from './tenants.ts'

/** Far above what it takes (about 0.3 s), far below what a row-by-row load would. */
const LOAD_LIMIT_MS = 4_000

const demoTenant = (slug: string): DemoTenant => {
  const found = DEMO_TENANTS.find(tenant => tenant.slug === slug)
  if (!found) throw new Error(`No demo tenant ${slug}`)
  return found
}

describe.each(testServers())('demo data on $name', ({ url }) => {
  let scratch: Scratch
  const rows = async (sql: string): Promise<unknown[]> => (await scratch.client.query(sql)).rows

  async function provision(schema: string, { adminEmail }: DemoTenant): Promise<void> {
    await enterSchema(scratch.client, schema)
    await migrate(scratch.client, 'tenant', 'up')
    const admin = { email: adminEmail, firstName: 'A', lastName: 'B', passwordHash: 'x', adminRole: 'admin' } as const
    const { text, values } = defaultData(admin)
    await scratch.client.query(text, values)
    // The loader must find the tenant by itself, not through what is set on the connection.
    await scratch.client.query('reset search_path')
  }

  beforeAll(async () => {
    scratch = await scratchDatabase(url)
  })
  afterAll(() => scratch[Symbol.asyncDispose]())

  describe('of 145 employees', () => {
    const acme = demoTenant('acme-corp')
    const data: TenantData = generateTenantData(acme.data)
    let loaded: Record<keyof TenantData, number>
    let took: number

    beforeAll(async () => {
      await provision('acme', acme)
      const started = performance.now()
      loaded = await loadTenantData(scratch.client, 'acme', data)
      took = performance.now() - started
    })

    test('loads every row within the limit and says how many', async () => {
      expect(took).toBeLessThan(LOAD_LIMIT_MS)
      for (const table of ['employees', 'payroll', 'leaves', 'employee_leave_balance', 'audit_logs'] as const) {
        expect(loaded[table]).toBe(data[table].length)
        expect(await rows(`select count(*)::int as count from acme.${table}`)).toEqual([{ count: data[table].length }])
      }
    })

    test('keeps the default rows and adds to them', async () => {
      expect(loaded.leave_types).toBe(2)
      expect(await rows('select code from acme.leave_types order by code')).toHaveLength(5)
      expect(await rows('select id from acme.designations')).toHaveLength(data.designations.length)
      expect(await rows('select id from acme.approval_workflows')).toHaveLength(2)
      const heads = await rows('select code from acme.departments where head is not null')
      expect(heads.length).toBe(data.departments.length)
      expect(heads).toEqual(expect.arrayContaining(DEFAULT_DEPARTMENTS.map(({ code }) => ({ code }))))
      expect(await rows(`select email from acme.users where email = '${acme.adminEmail}'`)).toHaveLength(1)
      expect(
        await rows(`select jsonb_array_length(value) as count from acme.organization_settings where key = 'holidays'`),
      ).toEqual([{ count: 20 }])
    })

    test('holds all sums when the server recomputes them', async () => {
      expect(await rows('select id from acme.payroll where net_salary <> gross_salary - deductions')).toEqual([])
      expect(
        await rows(`select b.id from acme.employee_leave_balance b
          left join lateral (select coalesce(sum(l.number_of_days), 0) as approved from acme.leaves l
            where l.employee_id = b.employee_id and l.leave_type_id = b.leave_type_id and l.status = 'approved'
              and extract(year from l.start_date) = b.year) as l on true
          where b.closing_balance <> b.opening_balance - l.approved or b.leaves_approved <> l.approved`),
      ).toEqual([])
    })

    test('has row estimates for the table list', async () => {
      expect(await rows(`select reltuples::int as rows from pg_class where oid = 'acme.payroll'::regclass`)).toEqual([
        { rows: data.payroll.length },
      ])
    })

    test('refuses a second load and leaves the first as it was', async () => {
      await expect(loadTenantData(scratch.client, 'acme', data)).rejects.toMatchObject({ code: '23505' })
      expect(await rows('select count(*)::int as count from acme.employees')).toEqual([{ count: 145 }])
    })

    test('leaves the search path of the connection alone', async () => {
      expect(await rows('show search_path')).toEqual([{ search_path: '"$user", public' }])
    })

    test('gives two tenants of one seed the same primary keys', async () => {
      await provision('twin', acme)
      await loadTenantData(scratch.client, 'twin', data)
      expect(
        await rows(`select count(*)::int as count from acme.employees a join twin.employees t using (id, email)`),
      ).toEqual([{ count: 145 }])
    })
  })

  test.each(DEMO_TENANTS.slice(1))('loads $slug', async tenant => {
    await provision(tenant.slug, tenant)
    const loaded = await loadTenantData(scratch.client, tenant.slug, generateTenantData(tenant.data))
    expect(loaded.employees).toBe(tenant.data.employees)
  })

  test('makes log entries in bulk, keeping the indexes of the table', async () => {
    const tenant = demoTenant('tiny-bakery')
    await provision('bulk', tenant)
    const indexes = `select indexdef from pg_indexes where schemaname = 'bulk' and tablename = 'audit_logs' order by 1`
    const before = await rows(indexes)
    await makeRows(scratch.client, 'bulk', 5_000)
    expect(
      await rows('select count(*)::int as count, count(distinct user_id)::int as users from bulk.audit_logs'),
    ).toEqual([{ count: 5_000, users: 1 }])
    expect(await rows(indexes)).toEqual(before)
  })
})
