import { expect, test } from '../fixtures.ts'
import { BackupsPage } from '../pages/backups-page.ts'
import { archiveAt, backupsOf, tenantAt } from '../pages/paths.ts'
import { backUp, changeDepartments, inBucket } from '../support/backed-up.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('an environment without a backup store leads to its settings', async ({ page, open, makeSystem }) => {
  const { environment } = await makeSystem()
  await open(backupsOf(environment))
  await page.getByRole('link', { name: 'Edit the environment' }).click()
  await expect(page.getByRole('region', { name: 'Backup store' })).toBeVisible()
})

test('all tenants are backed up, and one that cannot be is named first', async ({ page, open, makeSystem }) => {
  const system = await makeSystem(inBucket())
  await system.createTenant('one', 'Tenant one')
  const broken = await system.createTenant('two', 'Tenant two')
  await system.database.client.query(`alter schema "${broken.databaseSchema}" rename to elsewhere`)
  const backups = new BackupsPage(page)
  await open(backupsOf(system.environment))
  await expect(backups.row('Tenant one')).toContainText('No backup')
  await expect(page.getByText('2 overdue')).toBeVisible()
  await page.getByRole('button', { name: 'Back up all…' }).click()
  await backups.dialog.getByRole('button', { name: 'Back up', exact: true }).click()
  const outcomes = page.getByRole('table', { name: 'Outcome for each tenant' }).locator('tbody tr')
  await expect(outcomes.nth(0)).toContainText('two')
  await expect(outcomes.nth(1)).toContainText(/Done\s*one/)
  await expect(backups.row('Tenant one')).toContainText('Up to date')
  await expect(backups.row('Tenant two')).toContainText('No backup')
})

test('an archive is opened where it lies, compared and verified; the last good one cannot be deleted', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('opened', 'Opened')
  const archive = await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  await open(archiveAt(system.environment, tenant, archive))
  await page
    .getByRole('navigation', { name: 'Tables of the archive' })
    .getByRole('button', { name: /^users/ })
    .click()
  const rows = page.getByRole('grid', { name: 'Rows of users' })
  await expect(rows).toContainText('masked')
  await page.reload()
  await expect(rows).toContainText('masked')

  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  const differences = page.getByRole('table', { name: 'Differences by table' })
  await differences.getByRole('button', { name: /^1 only live in departments/ }).click()
  await expect(page.getByRole('grid', { name: 'Rows of departments' })).toContainText('ADDED')

  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await expect(page.getByRole('menuitem', { name: 'Delete…' })).toBeDisabled()
  await expect(page.getByText('It is the last good archive')).toBeVisible()
  await page.getByRole('menuitem', { name: 'Verify by a scratch restore' }).click()
  await page.getByRole('tab', { name: 'Verifications' }).click()
  await expect(page.getByRole('table', { name: 'Verifications' })).toContainText('restored into a scratch schema')
})

test('an older archive is deleted after the slug was typed', async ({ page, open, makeSystem, client }) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('older')
  await backUp(client, system, tenant)
  await backUp(client, system, tenant)
  const backups = new BackupsPage(page)
  await open(tenantAt(system.environment, tenant, 'backups'))
  await expect(backups.archives.locator('tbody tr')).toHaveCount(2)
  await backups.chooseFor(backups.archive(1), 'Delete…')
  const remove = backups.dialog.getByRole('button', { name: 'Delete for good' })
  await expect(remove).toBeDisabled()
  await backups.dialog.getByLabel(/^Type the slug/).fill('older')
  await remove.click()
  await expect(backups.archives.locator('tbody tr')).toHaveCount(1)
})

test('a schedule is read in plain words before it is saved', async ({ page, open, makeSystem }) => {
  const { environment } = await makeSystem(inBucket())
  await open(backupsOf(environment, 'schedules'))
  await page.getByRole('button', { name: 'Change: Back up all tenants' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^When, as a cron expression/).fill('30 4 * * mon')
  await expect(dialog).toContainText('Every Monday at 04:30 UTC')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('table', { name: 'Schedules' })).toContainText('Every Monday at 04:30 UTC')
})

test('retention shows what would go before anything is deleted', async ({ page, open, makeSystem, client }) => {
  // The bucket is shared by all specs, and a clean-up looks at all of it.
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('kept')
  await backUp(client, system, tenant)
  await open(backupsOf(system.environment, 'retention'))
  await expect(page.getByText(/Nothing would go; 1 archive/)).toBeVisible()
  await page.getByLabel('Keep the latest of each tenant').fill('1')
  await page.getByRole('button', { name: 'Save the rules' }).click()
  await page.reload()
  await expect(page.getByLabel('Keep the latest of each tenant')).toHaveValue('1 archives')
})
