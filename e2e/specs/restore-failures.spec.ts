import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import { backupsOf, restorePlanAt, tenantAt } from '../pages/paths.ts'
import { RestorePage } from '../pages/restore-page.ts'
import { backUp, changeDepartments, departmentsOf } from '../support/backed-up.ts'
import { HostClient } from '../support/host-client.ts'
import { addressOf } from '../support/hosts.ts'
import { createSystem } from '../support/system.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('an archive that lost an object is refused, and live is untouched', async ({ page, open, makeSystem, client }) => {
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('lost-object')
  const archive = await backUp(client, system, tenant)
  const data = join(folder.path, archive, 'data')
  const users = (await readdir(data)).find(name => name.includes('users'))
  await rm(join(data, users ?? ''))
  const before = await departmentsOf(system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await expect(page.getByRole('heading', { name: 'The restore failed, and live is unchanged' })).toBeVisible()
  await expect(restore.step).toHaveText(/Restore beside/)
  expect(await departmentsOf(system, tenant)).toEqual(before)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'The restore failed, and live is unchanged' })).toBeVisible()
})

test('a restore is given up before the swap, and nothing is kept', async ({ page, open, makeSystem, client }) => {
  await using folder = await temporaryFolder()
  const system = await makeSystem({ stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('given-up')
  const archive = await backUp(client, system, tenant)
  const restore = new RestorePage(page)
  await open(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await expect(restore.step).toHaveText(/Compare/)
  await open(backupsOf(system.environment, 'kept'))
  await expect(page.getByRole('table', { name: 'Kept schemas' })).toContainText('Restored, not swapped')
  await open(tenantAt(system.environment, tenant, 'backups'))
  await page.getByRole('table', { name: 'Restores' }).getByRole('link').first().click()
  await restore.button('Give this restore up…').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove what was restored' }).click()
  await expect(page.getByRole('heading', { name: 'The restore was given up, and live is unchanged' })).toBeVisible()
  await expect(page.getByText('Nothing was left on the server')).toBeVisible()
  await open(backupsOf(system.environment, 'kept'))
  await expect(page.getByText('Nothing is kept')).toBeVisible()
})

test('a console that is killed goes on at the same step when it is back', { tag: '@web' }, async ({
  page,
  emptyConsole,
}) => {
  await using folder = await temporaryFolder()
  // A new token in the fragment alone would not load the page again.
  const openAt = async (route: string) => {
    await page.goto('about:blank')
    await page.goto(addressOf(emptyConsole, route))
    await expect(page.getByRole('navigation', { name: 'Areas' })).toBeVisible()
  }
  await openAt('/jobs')
  const client = new HostClient(page)
  await using system = await createSystem(client, { stores: { backup: { kind: 'folder', path: folder.path } } })
  const tenant = await system.createTenant('killed')
  const archive = await backUp(client, system, tenant)
  await changeDepartments(system, tenant)
  const restore = new RestorePage(page)
  await openAt(restorePlanAt(system.environment, tenant, archive))
  await restore.button('Restore beside live').click()
  await expect(restore.step).toHaveText(/Compare/)
  const route = new URL(page.url()).hash.slice(1)
  await emptyConsole.stop('SIGKILL')
  await emptyConsole.start()
  await openAt(route)
  // The session's secrets went with the console that held them.
  await client.call('environments.update', {
    environmentId: system.environment.id,
    settings: {
      name: system.environment.name,
      class: system.environment.class,
      role: system.environment.role,
      stores: system.environment.stores,
    },
    secrets: { postgres: system.database.password },
    secretStorage: 'session',
  })
  await page.reload()
  await expect(restore.step).toHaveText(/Compare/)
  expect((await restore.counts('departments')).slice(2)).toEqual(['1', '1', '1'])
  await restore.button('Go on to confirm').click()
  await restore.slug.fill('killed')
  await restore.button('Swap killed now').click()
  await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
})
