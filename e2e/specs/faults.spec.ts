import { type FaultProxy, startFaultProxy } from '../../scripts/services/fault.ts'
import { postgresUrl } from '../../src/main/testing/test-database.ts'
import { test as base, expect } from '../fixtures.ts'
import { DataPage } from '../pages/data-page.ts'
import { dataOf, tenantAt, tenantsOf } from '../pages/paths.ts'
import { TenantsPage } from '../pages/tenants-page.ts'
import type { System } from '../support/system.ts'

/** A system whose PostgreSQL is reached through a proxy that fails on demand. */
const test = base.extend<{ fault: FaultProxy; frail: System }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  fault: async ({}, use) => {
    const { hostname, port } = new URL(postgresUrl())
    const proxy = await startFaultProxy({ host: hostname, port: Number(port) })
    await use(proxy)
    proxy.close()
  },
  frail: async ({ fault, makeSystem }, use) => {
    await use(await makeSystem({ through: { host: '127.0.0.1', port: fault.port } }))
    await fault.resume()
  },
})

test('a server that is away is said with a hint, and a retry finds it again', async ({ page, open, frail, fault }) => {
  await frail.createTenant('back')
  fault.refuse()
  fault.cut()
  await open(tenantsOf(frail.environment))
  const alert = page.getByRole('alert')
  await expect(alert).toContainText('The tenants could not be listed')
  await expect(alert).toContainText('Check host and port')
  await expect(alert.getByRole('link', { name: 'Check the settings of this environment' })).toBeVisible()
  await fault.resume()
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(new TenantsPage(page).row('back')).toBeVisible()
})

test('a dropped connection is opened again by itself', async ({ page, open, frail, fault }) => {
  const tenant = await frail.createTenant('dropped')
  await open(tenantsOf(frail.environment))
  await expect(new TenantsPage(page).row('dropped')).toBeVisible()
  fault.cut()
  await page.getByRole('link', { name: 'Health', exact: true }).click()
  await expect(page.getByRole('region', { name: 'PostgreSQL' })).toContainText('Healthy')
  fault.cut()
  await open(tenantAt(frail.environment, tenant))
  await expect(page.getByRole('heading', { level: 1, name: tenant.name })).toBeVisible()
})

test('a slow server shows where the rows will be', async ({ page, open, frail, fault }) => {
  await frail.createTenant('slow')
  fault.stall()
  await open(tenantsOf(frail.environment))
  await expect(page.getByRole('status', { name: 'Loading' }).locator('.mantine-Skeleton-root').first()).toBeVisible()
  await fault.resume()
  await expect(new TenantsPage(page).row('slow')).toBeVisible()
})

test('a page that cannot be read leaves the rows that are there, and comes with a retry', async ({
  page,
  open,
  frail,
  fault,
}) => {
  const tenant = await frail.createTenant('half')
  await frail.database.client.query(
    `insert into ${tenant.databaseSchema}.departments (name, code)
     select 'D ' || i, lpad(i::text, 4, '0') from generate_series(1, 900) i`,
  )
  const data = new DataPage(page)
  await open(`${dataOf(frail.environment, tenant, 'departments')}?sort=code`)
  const grid = data.grid('departments')
  await expect(grid.getByText('0001', { exact: true })).toBeVisible()
  await expect(page.getByText(/[24]00 rows loaded/).first()).toBeVisible()
  fault.refuse()
  fault.cut()
  await grid.focus()
  await page.keyboard.press('ControlOrMeta+End')
  await expect(page.getByRole('alert')).toContainText('Some rows could not be read.')
  await expect(grid.getByRole('row').nth(5)).toBeVisible()
  await fault.resume()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(async () => {
    await grid.press('ControlOrMeta+End')
    await expect(page.getByText(/End of the table/)).toBeVisible({ timeout: 500 })
  }).toPass()
})

test('a connection lost while provisioning leaves a failed tenant, not a half one', async ({
  page,
  open,
  frail,
  fault,
}) => {
  const tenants = new TenantsPage(page)
  await open(tenantsOf(frail.environment))
  await tenants.fillNew({ name: 'Cut', slug: 'cut', email: 'admin@cut.example' })
  fault.cutBefore('create table payroll')
  await tenants.submitNew()
  const alert = tenants.drawer.getByRole('alert')
  await expect(alert).toContainText('The tenant could not be provisioned')
  await expect(alert).toContainText('CONNECTION_FAILED')
  await fault.resume()
  await page.keyboard.press('Escape')
  await expect(tenants.row('cut')).toContainText('Failed')
  const left = await frail.database.client.query(`select 1 from pg_namespace where nspname like 'tenant_cut%'`)
  expect(left.rows).toEqual([])
})

test('a wrong password says where to enter it', async ({ page, open, client, frail }) => {
  const { id, createdAt: _, updatedAt: __, secrets: ___, ...settings } = frail.environment
  const change = { environmentId: id, settings, secrets: { postgres: 'wrong' } }
  await client.call('environments.update', { ...change, secretStorage: 'session' })
  await open(tenantsOf(frail.environment))
  await expect(page.getByRole('alert')).toContainText(/password/i)
  await page.getByRole('alert').getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: frail.environment.name })).toBeVisible()
})
