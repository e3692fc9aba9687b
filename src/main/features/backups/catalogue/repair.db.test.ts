import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../../../testing/eventually.ts'
import { createTestConsole } from '../../../testing/test-console.ts'

test('a registry that lost its copy has it again after somebody looked at the time line', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tenantry-repair-'))
  {
    await using console = await createTestConsole({ passwordCost: 4, stores: { backup: { kind: 'folder', path } } })
    const tenant = await console.createTenant('acme')
    const target = { environmentId: console.environment.id, tenantId: tenant.id }
    const { archive } = await console.client.runJob('backups.create', target)
    await console.database.client.query('delete from tenant_backups')
    const { client, environment } = console
    const latest = async () =>
      (await client.call('backups.overview', { environmentId: environment.id })).items[0]?.archive
    expect(await latest()).toBeNull()
    expect((await client.call('backups.list', target)).items).toMatchObject([{ archive, isLastGood: true }])
    expect(await eventually(async () => (await latest()) ?? undefined)).toBe(archive)
  }
  await rm(path, { recursive: true })
})
