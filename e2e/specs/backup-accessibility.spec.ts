import { expect, test } from '../fixtures.ts'
import { archiveAt, backupsOf, restorePlanAt, tenantAt } from '../pages/paths.ts'
import { RestorePage } from '../pages/restore-page.ts'
import { expectNoViolations } from '../support/axe.ts'
import { backUp, changeDepartments, inBucket } from '../support/backed-up.ts'

test('axe finds nothing on the tabs of backups', async ({ page, open, makeSystem, client }) => {
  const system = await makeSystem(inBucket({ class: 'production' }))
  const tenant = await system.createTenant('axe', 'Axe')
  await system.createTenant('axe-two', 'Axe without a backup')
  await backUp(client, system, tenant)
  const isThere = {
    overview: page.getByRole('grid', { name: 'Latest backups' }),
    full: page.getByText('No dump of the whole database yet').or(page.getByRole('table', { name: 'Dumps' })),
    schedules: page.getByRole('table', { name: 'Schedules' }),
    retention: page.getByRole('heading', { name: 'What a clean-up would remove' }),
    kept: page.getByText('Nothing is kept'),
  }
  for (const [tab, content] of Object.entries(isThere)) {
    await open(backupsOf(system.environment, tab))
    await expect(content.first()).toBeVisible()
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
    await expectNoViolations(page)
  }
  await page.getByRole('tab', { name: 'Schedules' }).click()
  await page.getByRole('button', { name: 'Change: Clean up' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectNoViolations(page)
})

test('axe finds nothing on the archives of a tenant and on one of them', async ({ page, open, makeSystem, client }) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('axe', 'Axe')
  const archive = await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  await open(tenantAt(system.environment, tenant, 'backups'))
  await expect(page.getByRole('table', { name: 'Archives' })).toBeVisible()
  await expectNoViolations(page)
  await open(archiveAt(system.environment, tenant, archive))
  await page
    .getByRole('navigation', { name: 'Tables of the archive' })
    .getByRole('button', { name: /^users/ })
    .click()
  await expect(page.getByRole('grid', { name: 'Rows of users' })).toBeVisible()
  await expectNoViolations(page)
  await page.getByRole('tab', { name: 'Compare' }).click()
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  await page.getByRole('button', { name: /^1 changed in departments/ }).click()
  await expect(page.getByRole('grid', { name: 'Changed values of departments' })).toContainText('Renamed')
  await expectNoViolations(page)
  await page.getByRole('button', { name: 'Actions', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Clone as a new tenant…' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectNoViolations(page)
})

test('axe finds nothing where a restore is planned and compared', async ({ page, open, makeSystem, client }) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('axe', 'Axe')
  const archive = await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await expect(page.getByRole('table', { name: 'Rows by table' })).toBeVisible()
  await expectNoViolations(page)
  await restore.button('Restore beside live').click()
  await expect(restore.step).toHaveText(/Compare/)
  await expectNoViolations(page)
  await restore.button('Bring back chosen rows…').click()
  await page.getByRole('button', { name: 'choose rows' }).click()
  await expect(page.getByRole('grid', { name: 'Rows of departments' })).toBeVisible()
  await expectNoViolations(page)
})

test('axe finds nothing where a restore is confirmed, decided, verified and undone', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('axe', 'Axe')
  const archive = await backUp(client, system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await restore.button('Go on to confirm').click()
  // Looking at both themes takes longer than writers are held off by default.
  await page.getByLabel('Hold writers off').fill('300')
  await restore.slug.fill('axe')
  await expectNoViolations(page)
  await changeDepartments(system, tenant)
  await restore.button('Swap axe now').click()
  await expect(page.getByRole('heading', { name: 'Live changed since you confirmed' })).toBeVisible()
  await expectNoViolations(page)
  await restore.button('Accept and swap').click()
  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
  await expectNoViolations(page)
  await restore.button('Undo…').click()
  await expect(restore.slug).toBeVisible()
  await expectNoViolations(page)
})
