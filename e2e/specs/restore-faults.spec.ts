import { startFaultProxy } from '../../scripts/services/fault.ts'
import { postgresUrl } from '../../src/main/testing/test-database.ts'
import { expect, test } from '../fixtures.ts'
import { restorePlanAt } from '../pages/paths.ts'
import { RestorePage } from '../pages/restore-page.ts'
import { backUp, changeDepartments, departmentsOf } from '../support/backed-up.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('a database that goes away before the swap changes nothing, and the restore goes on when it is back', async ({
  page,
  open,
  makeSystem,
  client,
}) => {
  const { hostname, port } = new URL(postgresUrl())
  const fault = await startFaultProxy({ host: hostname, port: Number(port) })
  try {
    await using folder = await temporaryFolder()
    const system = await makeSystem({
      through: { host: '127.0.0.1', port: fault.port },
      stores: { backup: { kind: 'folder', path: folder.path } },
    })
    const tenant = await system.createTenant('away')
    const archived = await departmentsOf(system, tenant)
    const archive = await backUp(client, system, tenant)
    await changeDepartments(system, tenant)
    const changed = await departmentsOf(system, tenant)
    const restore = new RestorePage(page)
    await open(restorePlanAt(system.environment, tenant, archive))
    await restore.button('Restore beside live').click()
    await restore.button('Go on to confirm').click()
    await restore.slug.fill('away')
    fault.refuse()
    fault.cut()
    await restore.button('Swap away now').click()
    await expect(page.getByRole('alert').first()).toBeVisible()
    expect(await departmentsOf(system, tenant)).toEqual(changed)
    await fault.resume()
    // Whether the swap was refused or failed after its start, the restore is where it was.
    await page.evaluate(() => {
      location.hash = location.hash.split('?', 1)[0] ?? ''
    })
    await page.reload()
    await expect(restore.step).toHaveText(/Compare/)
    await restore.button('Go on to confirm').click()
    await restore.slug.fill('away')
    await restore.button('Swap away now').click()
    await expect(page.getByRole('heading', { name: 'Restored and verified' })).toBeVisible()
    expect(await departmentsOf(system, tenant)).toEqual(archived)
  } finally {
    await fault.resume()
    fault.close()
  }
})
