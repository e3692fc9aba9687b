import { expect, test } from '../fixtures.ts'
import { BackupsPage } from '../pages/backups-page.ts'
import { backupsOf, restorePlanAt, tenantAt } from '../pages/paths.ts'
import { RestorePage } from '../pages/restore-page.ts'
import { backUp, changeDepartments, departmentsOf, inBucket } from '../support/backed-up.ts'

test('a tenant comes back from a bucket: plan, compare, type, swap, verify; then undo', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  const system = await makeSystem(inBucket({ class: 'production' }))
  const tenant = await system.createTenant('comes-back', 'Comes back')
  const archived = await departmentsOf(system, tenant)
  await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  const changed = await departmentsOf(system, tenant)

  const backups = new BackupsPage(page)
  const restore = new RestorePage(page)
  await open(tenantAt(system.environment, tenant, 'backups'))
  await expect(backups.timeLine).toBeVisible()
  await backups.chooseFor(backups.archive(0), 'Restore…')

  await expect(restore.step).toHaveText(/Plan/)
  await expect(restore.identity).toContainText('production')
  await expect(restore.identity).toContainText('Comes back')
  await expect(page.getByRole('region', { name: 'What will be lost' })).toContainText('2 rows')
  await restore.button('Restore beside live').click()

  await expect(restore.step).toHaveText(/Compare/)
  expect(await departmentsOf(system, tenant)).toEqual(changed)
  expect((await restore.counts('departments')).slice(2)).toEqual(['1', '1', '1'])
  await restore
    .table('departments')
    .getByRole('button', { name: /^1 changed/ })
    .click()
  const values = page.getByRole('grid', { name: 'Changed values of departments' })
  await expect(values.getByRole('row').filter({ hasText: 'name' })).toContainText('Renamed')
  await page.reload()
  await expect(values).toContainText('Renamed')

  await restore.button('Go on to confirm').click()
  const swap = restore.button('Swap comes-back now')
  await expect(page.getByRole('note').filter({ hasText: 'will be lost' })).toContainText('1 row that only live has')
  await restore.slug.fill('comes-back')
  await expect(swap).toBeDisabled()
  await restore.reason.fill('An import went wrong')
  await restore.slug.fill('comes-bac')
  await expect(swap).toBeDisabled()
  await restore.slug.fill('comes-back')
  await swap.click()

  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
  await expect(restore.step).toHaveText(/Verified/)
  await expect(page.getByText('The swap took')).toBeVisible()
  expect(await departmentsOf(system, tenant)).toEqual(archived)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()

  await restore.button('Undo…').click()
  const undo = restore.button('Undo the restore now')
  await expect(undo).toBeDisabled()
  await restore.reason.fill('It was the wrong archive')
  await restore.slug.fill('comes-back')
  await undo.click()
  await expect(page.getByRole('heading', { name: 'Undone' })).toBeVisible()
  expect(await departmentsOf(system, tenant)).toEqual(changed)
})

test('what changes between confirming and swapping is shown, and letting go changes nothing', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('busy')
  const archive = await backUp(client, system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await expect(restore.step).toHaveText(/Compare/)
  await restore.button('Go on to confirm').click()
  await changeDepartments(system, tenant)
  const changed = await departmentsOf(system, tenant)
  await restore.slug.fill('busy')
  await restore.button('Swap busy now').click()

  await expect(page.getByRole('heading', { name: 'Live changed since you confirmed' })).toBeVisible()
  await expect(page.getByRole('timer')).toHaveText(/^\d+ s$/)
  await expect(page.getByRole('table', { name: 'What changed since' })).toContainText('departments')
  await page.reload()
  await restore.button('Let go, change nothing').click()
  await expect(restore.step).toHaveText(/Compare/)
  await expect(page.getByRole('alert')).toContainText('Nothing was swapped')
  expect(await departmentsOf(system, tenant)).toEqual(changed)

  await restore.button('Compare again').click()
  await expect.poll(async () => (await restore.counts('departments').catch(() => [])).slice(2)).toEqual(['1', '1', '1'])
  await restore.button('Go on to confirm').click()
  await restore.slug.fill('busy')
  await restore.button('Swap busy now').click()
  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
})

test('chosen rows come back without a swap', async ({ page, open, makeSystem, client }) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('rows')
  const archived = await departmentsOf(system, tenant)
  const archive = await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await restore.button('Bring back chosen rows…').click()
  await page.getByRole('combobox', { name: 'What to do with departments' }).click()
  await page.getByRole('option', { name: 'Bring missing rows back' }).click()
  await restore.button('Preview what changes…').click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 missing row comes back')
  await dialog.getByLabel(/^Type the slug/).fill('rows')
  await dialog.getByRole('button', { name: 'Bring the rows back' }).click()
  await expect(page.getByRole('table', { name: 'Brought back by table' })).toContainText('departments')
  const live = await departmentsOf(system, tenant)
  expect(Object.keys(live).sort()).toEqual([...Object.keys(archived), 'ADDED'].sort())
  expect(Object.values(live)).toContain('Renamed')
})

test('a restore goes from the list to the swap without a mouse', async ({ page, open, makeSystem, client }) => {
  const system = await makeSystem(inBucket())
  const tenant = await system.createTenant('by-keys', 'By keys')
  const archived = await departmentsOf(system, tenant)
  await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  const backups = new BackupsPage(page)
  const restore = new RestorePage(page)
  const press = async (name: string | RegExp) => {
    await expect(restore.button(name)).toBeEnabled()
    await restore.button(name).focus()
    await page.keyboard.press('Enter')
  }
  await open('/jobs')
  // The shortcut leads into an environment, which has to be known.
  await expect(page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Backups' })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('b')
  await expect(page.getByRole('heading', { name: 'Backups' })).toBeVisible()
  await open(backupsOf(system.environment))
  await expect(backups.row('By keys')).toContainText('Up to date')
  await backups.grid.focus()
  await page.keyboard.press('.')
  await expect(page.getByRole('menuitem', { name: 'Back up now' })).toBeFocused()
  await page.keyboard.press('End')
  await expect(page.getByRole('menuitem', { name: 'Restore the latest archive…' })).toBeFocused()
  await page.keyboard.press('Enter')
  await press('Restore beside live')
  await expect(restore.step).toHaveText(/Compare/)
  await press('Go on to confirm')
  await restore.slug.focus()
  await page.keyboard.type('by-keys')
  await press('Swap by-keys now')
  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
  expect(await departmentsOf(system, tenant)).toEqual(archived)
})
