import { expect, test } from '../fixtures.ts'
import { dataOf, healthOf, tenantAt, tenantsOf } from '../pages/paths.ts'
import { expectNoViolations } from '../support/axe.ts'
import { uniqueSlug } from '../support/system.ts'

test('axe finds nothing on the list of tenants and the form of a new one', async ({ page, open, makeSystem }) => {
  const system = await makeSystem({ class: 'production' })
  await system.createTenant('axe', 'Axe')
  const suspended = await system.createTenant('axe-two', 'Axe two')
  await system.database.client.query(`update tenants set status = 'suspended' where id = $1`, [suspended.id])
  await open(tenantsOf(system.environment))
  await expect(page.getByRole('grid', { name: 'Tenants' })).toContainText('Suspended')
  await expectNoViolations(page)
  await page.keyboard.press('n')
  await expect(page.getByRole('dialog', { name: 'New tenant' })).toBeVisible()
  await page.getByRole('button', { name: 'Provision tenant' }).click()
  await expect(page.getByRole('textbox', { name: 'Slug' })).toHaveAttribute('aria-invalid', 'true')
  await expectNoViolations(page)
})

test('axe finds nothing on a tenant and before its deletion', async ({ page, open, makeSystem }) => {
  const system = await makeSystem()
  const tenant = await system.createTenant('axe', 'Axe')
  for (const tab of ['overview', 'tables', 'features', 'history']) {
    await open(tenantAt(system.environment, tenant, tab))
    await expect(page.getByRole('tabpanel')).toBeVisible()
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
    await expectNoViolations(page)
  }
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Delete for good…' }).click()
  await expect(page.getByRole('dialog')).toContainText('will be lost')
  await expectNoViolations(page)
})

test('axe finds nothing on the screens of data', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('axe'))
  await open(dataOf(system.environment, tenant))
  await expect(page.getByRole('option', { name: /^roles/ })).toBeVisible()
  await expectNoViolations(page)
  await open(dataOf(system.environment, tenant, 'users'))
  await expect(page.getByRole('grid', { name: 'Rows of users' })).toBeVisible()
  await page.getByRole('grid', { name: 'Rows of users' }).focus()
  await page.keyboard.press('i')
  await expect(page.getByRole('complementary', { name: 'Row details' })).toBeVisible()
  await expectNoViolations(page)
})

test('axe finds nothing on health, audit and jobs', async ({ page, open, makeSystem }) => {
  const system = await makeSystem({
    stores: {
      redis: { mode: 'single', nodes: [{ host: '127.0.0.1', port: 1 }], database: 0, tls: { enabled: false } },
    },
  })
  await system.createTenant('axe-jobs')
  await open(healthOf(system.environment))
  await expect(page.getByRole('region', { name: 'Redis' })).toContainText('Failed')
  await expectNoViolations(page)
  await open('/audit')
  await page.getByRole('grid', { name: 'Audit entries' }).getByRole('gridcell').first().click()
  await expect(page.getByRole('dialog', { name: 'Audit entry' })).toBeVisible()
  await expectNoViolations(page)
  await open('/jobs')
  await page.getByRole('grid', { name: 'Jobs' }).getByRole('link').first().click()
  await expect(page.getByRole('list', { name: 'Steps' })).toBeVisible()
  await page.getByRole('button', { name: 'Jobs', exact: true }).click()
  await expect(page.getByRole('complementary', { name: 'Jobs' })).toBeVisible()
  await expectNoViolations(page)
})

test('axe finds nothing on environments and import', async ({ page, open, system }) => {
  await open('/environments')
  await expect(page.getByRole('grid', { name: 'Environments' })).toBeVisible()
  await expectNoViolations(page)
  await open(`/environments/${system.environment.id}`)
  await expect(page.getByRole('complementary', { name: 'Connection test' })).toBeVisible()
  await expectNoViolations(page)
  await open('/environments/import')
  await page.getByLabel('Text of the env file').fill('DATABASE_URL=postgresql://a:b@db.example.com/hr')
  await page.getByRole('button', { name: 'Show what is found' }).click()
  await expect(page.getByRole('region', { name: 'What was found' })).toBeVisible()
  await expectNoViolations(page)
})

test('axe finds nothing on palette and help', async ({ page, open }) => {
  await open('/jobs')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await expectNoViolations(page)
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('textbox', { name: 'Search tenants, environments and commands' })).toBeFocused()
  await expectNoViolations(page)
})

test('axe finds nothing on the first screen of all', { tag: '@web' }, async ({ page, emptyConsole }) => {
  await page.goto(emptyConsole.address.href)
  await expect(page.getByRole('link', { name: 'Create an environment' })).toBeVisible()
  await expectNoViolations(page)
})
