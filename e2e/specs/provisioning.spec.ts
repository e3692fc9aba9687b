import { faultOnCreateTable, hangingBackends } from '../../src/main/testing/faults.ts'
import { expect, test } from '../fixtures.ts'
import { tenantsOf } from '../pages/paths.ts'
import { TenantsPage } from '../pages/tenants-page.ts'
import { uniqueSlug } from '../support/system.ts'

test('provisioning shows its steps and hands out the password once', async ({ page, open, system, guard }) => {
  const tenants = new TenantsPage(page)
  const slug = uniqueSlug('steps')
  await open(tenantsOf(system.environment))
  await tenants.fillNew({ name: `Steps ${slug}`, slug, email: `admin@${slug}.example` })
  await tenants.submitNew()
  await expect(tenants.drawer.getByText(`Steps ${slug} is ready.`)).toBeVisible()
  const steps = tenants.drawer.getByRole('list', { name: 'Steps' }).getByRole('listitem')
  expect(await steps.count()).toBeGreaterThan(2)
  await expect(steps.filter({ hasText: /failed|running/ })).toHaveCount(0)

  await tenants.drawer.getByRole('button', { name: 'Show the password' }).click()
  const shown = page.getByRole('status', { name: 'One-time password' })
  await expect(shown).toHaveText(/^\S{12,}$/)
  const password = (await shown.textContent()) ?? ''
  expect(guard.frames.filter(frame => frame.includes(password)).length).toBeLessThanOrEqual(1)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await expect(page.getByText('was shown and is not kept here')).toBeVisible()
  expect(await page.content()).not.toContain(password)

  await tenants.drawer.getByRole('link', { name: 'Open the tenant' }).click()
  await expect(page.getByRole('heading', { level: 1, name: `Steps ${slug}` })).toBeVisible()
  await page.goBack()
  await expect(tenants.row(slug)).toBeVisible()
  await expect(tenants.drawer).toHaveCount(0)
  expect(page.url()).not.toContain('new=')
  await page.goForward()
  await expect(page.getByText('Active', { exact: true })).toBeVisible()
})

test('the slug follows the name until somebody writes one', async ({ page, open, system }) => {
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await tenants.fillNew({ name: 'Zoë & Söhne', email: 'a@b.example' })
  await expect(tenants.field('Slug')).toHaveValue('zoe-sohne')
  await tenants.field('Slug').fill('zoe')
  await tenants.field('Name').fill('Other')
  await expect(tenants.field('Slug')).toHaveValue('zoe')
})

test('a bad slug and a bad address are said at their fields', async ({ page, open, system }) => {
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await tenants.fillNew({ name: 'Bad', slug: "'; drop schema", email: 'nobody' })
  await tenants.submitNew()
  await expect(tenants.field('Slug')).toHaveAccessibleDescription(/2 to 40 lower-case letters/)
  await expect(tenants.field('E-mail')).toHaveAccessibleDescription(/Not an e-mail address/)
  await expect(tenants.field('Slug')).toHaveAttribute('aria-invalid', 'true')
})

test('a taken slug is said at the slug, with all that was typed kept', async ({ page, open, system }) => {
  const slug = uniqueSlug('taken')
  await system.createTenant(slug)
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await tenants.fillNew({ name: 'Second', slug, email: 'admin@second.example' })
  await tenants.submitNew()
  const field = tenants.field('Slug')
  await expect(field).toHaveAttribute('aria-invalid', 'true')
  await expect(field).toHaveAccessibleDescription(/taken|in use|exists/i)
  await expect(field).toBeFocused()
  await expect(tenants.field('E-mail')).toHaveValue('admin@second.example')
})

test('a failed tenant offers another try', async ({ page, open, makeSystem }) => {
  const { environment, database } = await makeSystem()
  const repair = await faultOnCreateTable(database.client, 'payroll', 'fail')
  const tenants = new TenantsPage(page)
  await open(tenantsOf(environment))
  await tenants.fillNew({ name: 'Unlucky', slug: 'unlucky', email: 'admin@unlucky.example' })
  await tenants.submitNew()
  await expect(tenants.drawer.getByRole('alert')).toContainText('The tenant could not be provisioned')
  await tenants.drawer.getByRole('button', { name: 'Close', exact: true }).last().click()
  await expect(tenants.row('unlucky')).toContainText('Failed')

  await repair()
  await tenants.choose('unlucky', 'Provision again')
  await page.getByRole('dialog').getByRole('button', { name: 'Provision again' }).click()
  await expect(page.getByRole('dialog').getByText('Unlucky is ready.')).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).last().click()
  await expect(tenants.row('unlucky')).toContainText('Active')
})

test('the page of a failed tenant leads on, and its password is not lost with the failure', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  const { environment, database } = await makeSystem()
  const repair = await faultOnCreateTable(database.client, 'payroll', 'fail')
  const input = { environmentId: environment.id, name: 'Phoenix', slug: 'phoenix', adminEmail: 'a@phoenix.example' }
  await client.runJob('tenants.create', input)
  await repair()
  await open(tenantsOf(environment))
  await page.getByRole('link', { name: 'Phoenix' }).click()
  await page.getByRole('main').getByRole('button', { name: 'Provision again' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Provision again' }).click()
  await expect(dialog.getByText('Phoenix is ready.')).toBeVisible()
  await expect(page.locator('main').getByText('Active', { exact: true })).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Show the password' })).toBeVisible()
})

test('a failed tenant can be cleaned up, and its slug is free again', async ({ page, open, makeSystem, client }) => {
  const { environment, database, createTenant } = await makeSystem()
  const repair = await faultOnCreateTable(database.client, 'payroll', 'fail')
  const input = { environmentId: environment.id, name: 'Debris', slug: 'debris', adminEmail: 'admin@debris.example' }
  expect((await client.runJob('tenants.create', input)).state).toBe('failed')
  await repair()
  const tenants = new TenantsPage(page)
  await open(tenantsOf(environment))
  await tenants.choose('debris', 'Clean up…')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('holds no work of anybody')
  await dialog.getByRole('button', { name: 'Clean up' }).click()
  await expect(page.getByText('No tenants yet')).toBeVisible()
  await createTenant('debris')
})

test('a job goes on through a reload and is shown again', async ({ page, open, makeSystem }) => {
  const { environment, database } = await makeSystem()
  const repair = await faultOnCreateTable(database.client, 'payroll', 'hang')
  const tenants = new TenantsPage(page)
  await open(tenantsOf(environment))
  await tenants.fillNew({ name: 'Patient', slug: 'patient', email: 'admin@patient.example' })
  await tenants.submitNew()
  await expect.poll(() => hangingBackends(database.client)).toHaveLength(1)
  const steps = tenants.drawer.getByRole('list', { name: 'Steps' })
  await expect(steps.getByRole('listitem').filter({ hasText: 'running' })).toHaveCount(1)

  await page.reload()
  const tray = page.getByRole('complementary', { name: 'Jobs' })
  await expect(tray).toContainText('Running · 1')
  // No empty form: what it was opened for is under way.
  await expect(tenants.drawer).toHaveCount(0)
  await tray.getByRole('button', { name: /^Cancel/ }).click()
  await expect(tray).toContainText('No job is running')
  await expect(tray).toContainText('Cancelled')
  await repair()
})
