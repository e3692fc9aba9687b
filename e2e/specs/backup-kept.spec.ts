import { expect, test } from '../fixtures.ts'
import { backupsOf, restorePlanAt } from '../pages/paths.ts'
import { RestorePage } from '../pages/restore-page.ts'
import { backUp, changeDepartments } from '../support/backed-up.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('what was live before a restore is kept until its environment’s name is typed; then the undo is gone', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('kept')
  const archive = await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await restore.button('Go on to confirm').click()
  await restore.slug.fill('kept')
  await restore.button('Swap kept now').click()
  await expect(restore.button('Undo…')).toBeVisible()

  await open(backupsOf(system.environment, 'kept'))
  const kept = page.getByRole('table', { name: 'Kept schemas' }).locator('tbody tr')
  await expect(kept).toContainText('Live before a restore')
  await kept.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Remove 1…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 restore cannot be undone any more')
  await expect(dialog.getByRole('button', { name: 'Remove for good' })).toBeDisabled()
  await dialog.getByLabel(/^Type the name of the environment/).fill(system.environment.name)
  await dialog.getByRole('button', { name: 'Remove for good' }).click()
  await expect(page.getByText('Nothing is kept')).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
  await expect(restore.button('Undo…')).toHaveCount(0)
})
