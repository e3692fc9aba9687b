import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import { tenantAt, tenantsOf } from '../pages/paths.ts'
import { TenantsPage } from '../pages/tenants-page.ts'
import { uniqueSlug } from '../support/system.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('suspending asks for a reason; the tenant can be reactivated and archived', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('life'))
  await open(tenantAt(system.environment, tenant))
  const choose = async (item: string) => {
    await page.getByRole('button', { name: 'Actions', exact: true }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  const dialog = page.getByRole('dialog')
  await choose('Suspend…')
  await expect(dialog.getByRole('button', { name: 'Suspend' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('Invoice 17 is open')
  await dialog.getByRole('button', { name: 'Suspend' }).click()
  await expect(page.getByRole('note')).toContainText('Invoice 17 is open')

  await choose('Reactivate…')
  await dialog.getByRole('button', { name: 'Reactivate' }).click()
  await expect(page.getByRole('note')).toHaveCount(0)

  await choose('Archive…')
  await dialog.getByLabel('Reason').fill('Contract ended')
  await dialog.getByRole('button', { name: 'Archive' }).click()
  await expect(page.getByRole('note')).toContainText('its data is kept')

  await page.getByRole('tab', { name: 'History' }).click()
  const history = page.getByRole('region', { name: 'History' }).getByRole('listitem')
  await expect(history.filter({ hasText: 'tenant.archive' })).toContainText('Contract ended')
  await expect(history.filter({ hasText: 'tenant.suspend' })).toContainText('Invoice 17 is open')
})

test('features are added, switched and configured', async ({ page, open, system, client }) => {
  const tenant = await system.createTenant(uniqueSlug('features'))
  await open(tenantAt(system.environment, tenant, 'features'))
  await page.getByRole('button', { name: 'Add a feature' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('payroll.bonus')
  await dialog.getByLabel('Configuration').fill('[1]')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByLabel('Configuration')).toHaveAccessibleDescription(/A JSON object/)
  await dialog.getByLabel('Configuration').fill('{"limit": 5}')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('{"limit":5}')).toBeVisible()
  const toggle = page.getByRole('switch', { name: 'payroll.bonus' })
  await expect(toggle).toBeChecked()
  // Its track lies over the input, as a mouse finds it.
  await toggle.click({ force: true })
  await expect(toggle).not.toBeChecked()
  // The switch shows at once what was asked for; the registry has it a moment later.
  const kept = { environmentId: system.environment.id, tenantId: tenant.id }
  await expect.poll(() => client.call('features.list', kept)).toMatchObject([{ enabled: false, config: { limit: 5 } }])
  await page.reload()
  await expect(toggle).not.toBeChecked()
})

test('settings of a tenant are changed and kept', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('settings'))
  await open(tenantAt(system.environment, tenant))
  const name = page.getByRole('textbox', { name: 'Name', exact: true })
  const save = page.getByRole('button', { name: 'Save changes' })
  await expect(save).toBeDisabled()
  await name.fill('')
  await save.click()
  await expect(name).toHaveAccessibleDescription(/Enter a name/)
  await name.fill('Renamed at last')
  await save.click()
  await expect(page.getByRole('heading', { level: 1, name: 'Renamed at last' })).toBeVisible()
})

test('deleting without a backup needs the override and the typed slug', async ({ page, open, makeSystem }) => {
  const system = await makeSystem()
  const tenant = await system.createTenant('doomed', 'Doomed')
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await tenants.choose('doomed', 'Delete for good…')
  const dialog = page.getByRole('dialog', { name: 'Delete Doomed for good' })
  await expect(dialog).toContainText(/\d+ tables with about .* rows \(.*\) will be lost/)
  await expect(dialog).toContainText(tenant.databaseSchema)
  const remove = dialog.getByRole('button', { name: 'Delete for good' })
  const slug = dialog.getByLabel('Type the slug to confirm: doomed')
  await expect(remove).toBeDisabled()
  await slug.fill('doomed')
  await expect(remove).toBeDisabled()
  await dialog.getByLabel('Delete it although there is no recent backup').check()
  await expect(remove).toBeEnabled()
  await slug.fill('Doomed')
  await expect(remove).toBeDisabled()
  // The way out is the primary one.
  await expect(dialog.getByRole('button', { name: 'Keep the tenant' })).not.toHaveAttribute('data-variant')
  await expect(remove).toHaveAttribute('data-variant', 'light')
  await slug.fill('doomed')
  await remove.click()
  await expect(page.getByRole('complementary', { name: 'Jobs' })).toContainText('Took')
  await expect(tenants.row('doomed')).toHaveCount(0)
  const left = await system.database.client.query('select 1 from pg_namespace where nspname = $1', [
    tenant.databaseSchema,
  ])
  expect(left.rows).toEqual([])
})

test('a recent backup is named and makes the override needless', async ({ page, open, makeSystem }) => {
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('kept', 'Kept')
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  const place = join(folder.path, 'backups', 'schemas', tenant.databaseSchema)
  await mkdir(place, { recursive: true })
  await writeFile(join(place, `backup_schema_${stamp}.sql.gz`), 'content')
  await open(tenantsOf(system.environment))
  await new TenantsPage(page).choose('kept', 'Delete for good…')
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(`backup_schema_${stamp}.sql.gz`)
  await expect(dialog.getByRole('checkbox')).toHaveCount(0)
  await dialog.getByLabel('Type the slug to confirm: kept').fill('kept')
  await expect(dialog.getByRole('button', { name: 'Delete for good' })).toBeEnabled()
  await dialog.getByRole('button', { name: 'Keep the tenant' }).click()
  await expect(dialog).toHaveCount(0)
})

test('production asks for the typed slug and a reason', async ({ page, open, makeSystem }) => {
  const system = await makeSystem({ class: 'production' })
  await system.createTenant('live', 'Live')
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await tenants.choose('live', 'Suspend…')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('Asked for by the owner')
  await expect(dialog.getByRole('button', { name: 'Suspend' })).toBeDisabled()
  await dialog.getByLabel('Type the slug to confirm: live').fill('live')
  await dialog.getByRole('button', { name: 'Suspend' }).click()
  await expect(tenants.row('live')).toContainText('Suspended')

  await tenants.choose('live', 'Delete for good…')
  await dialog.getByLabel('Delete it although there is no recent backup').check()
  await dialog.getByLabel('Type the slug to confirm: live').fill('live')
  await expect(dialog.getByRole('button', { name: 'Delete for good' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('Contract ended')
  await expect(dialog.getByRole('button', { name: 'Delete for good' })).toBeEnabled()
})

test('support may look but not change', async ({ page, open, makeSystem, client }) => {
  const { environment, createTenant } = await makeSystem()
  await createTenant('seen', 'Seen')
  const { id, createdAt: _, updatedAt: __, secrets: ___, ...settings } = environment
  const change = { environmentId: id, settings: { ...settings, role: 'support' as const }, secrets: {} }
  await client.call('environments.update', { ...change, secretStorage: 'session' })
  await open(tenantsOf(environment))
  await expect(page.getByRole('button', { name: 'New tenant' })).toHaveAttribute('aria-disabled', 'true')
  const tenants = new TenantsPage(page)
  await tenants
    .row('seen')
    .getByRole('button', { name: /^Actions for/ })
    .click()
  await expect(page.getByRole('menuitem', { name: 'Suspend…' })).toBeDisabled()
  await expect(page.getByRole('menuitem', { name: 'Delete for good…' })).toBeDisabled()
})
