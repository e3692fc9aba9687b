import { expect, test } from '../fixtures.ts'
import { BackupsPage } from '../pages/backups-page.ts'
import { backupsOf, tenantAt } from '../pages/paths.ts'
import { backUp, departmentsOf } from '../support/backed-up.ts'
import { uniqueSlug } from '../support/system.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('the whole database is dumped, verified, restored into a new one and deleted', async ({
  page,
  open,
  makeSystem,
}) => {
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('dumped')
  const backups = new BackupsPage(page)
  await open(backupsOf(system.environment, 'full'))
  await page.getByRole('button', { name: 'Dump the database…' }).click()
  await expect(backups.dialog).toContainText('--format=custom')
  await expect(backups.dialog).not.toContainText(system.database.password)
  await backups.dialog.getByRole('button', { name: 'Dump the database' }).click()
  const dump = page.getByRole('table', { name: 'Dumps' }).locator('tbody tr')
  await expect(dump).toContainText('Complete')

  const choose = async (item: string | RegExp) => {
    await dump.getByRole('button', { name: /^Actions for the dump/ }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  const tray = page.getByRole('complementary', { name: 'Jobs' })
  await choose('Verify')
  await expect(tray).toContainText(/Done.*Verify a whole-database dump/)

  const restored = `${system.database.settings.database}_back`
  await choose('Restore into a new database…')
  await backups.dialog.getByLabel('Name of the new database').fill('a=b')
  await expect(backups.dialog.getByRole('button', { name: 'Restore', exact: true })).toBeDisabled()
  await backups.dialog.getByLabel('Name of the new database').fill(restored)
  await backups.dialog.getByRole('button', { name: 'Restore', exact: true }).click()
  await expect(tray).toContainText(/Done.*Restore a whole-database dump/)
  try {
    const { rows } = await system.database.client.query('select 1 from pg_database where datname = $1', [restored])
    expect(rows).toHaveLength(1)
    expect(Object.keys(await departmentsOf(system, tenant)).length).toBeGreaterThan(0)
  } finally {
    await system.database.client.query(`drop database if exists "${restored}" with (force)`)
  }

  await choose('Delete…')
  await backups.dialog.getByLabel(/^Type the name of the environment/).fill(system.environment.name)
  await backups.dialog.getByRole('button', { name: 'Delete for good' }).click()
  await expect(page.getByText('No dump of the whole database yet')).toBeVisible()
})

test('an archive becomes a tenant of its own', async ({ page, open, makeSystem, client }) => {
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('cloned', 'Cloned')
  await backUp(client, system, tenant)
  const backups = new BackupsPage(page)
  const slug = uniqueSlug('copy')
  await open(tenantAt(system.environment, tenant, 'backups'))
  await backups.chooseFor(backups.archive(0), 'Open')
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Clone as a new tenant…' }).click()
  await backups.dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('A copy')
  await backups.dialog.getByRole('textbox', { name: 'Slug' }).fill('Not A Slug')
  await backups.dialog.getByRole('button', { name: 'Clone', exact: true }).click()
  await expect(backups.dialog.getByRole('textbox', { name: 'Slug' })).toHaveAttribute('aria-invalid', 'true')
  await backups.dialog.getByRole('textbox', { name: 'Slug' }).fill(slug)
  await backups.dialog.getByRole('textbox', { name: /e-mail/ }).fill('admin@copy.example')
  await backups.dialog.getByRole('button', { name: 'Clone', exact: true }).click()
  const tray = page.getByRole('complementary', { name: 'Jobs' })
  await expect(tray).toContainText(/Done.*Restore an archive as a new tenant/)
  await tray.getByRole('link', { name: /Restore an archive as a new tenant/ }).click()
  await page.getByRole('link', { name: 'Open A copy' }).click()
  await expect(page.getByRole('heading', { name: 'A copy' })).toBeVisible()
})
