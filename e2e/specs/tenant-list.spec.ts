import { expect, test } from '../fixtures.ts'
import { tenantsOf } from '../pages/paths.ts'
import { TenantsPage } from '../pages/tenants-page.ts'
import type { System } from '../support/system.ts'

const MANY = 120
const LONG = `${'Very long name of an organisation '.repeat(5)}end`

/** Rows of the registry alone: the list is about them, and schemas would take their time. */
async function fillRegistry({ database }: System): Promise<void> {
  await database.client.query(
    `insert into tenants (name, slug, database_schema, admin_email, status, created_at)
     select 'Tenant ' || lpad(i::text, 3, '0'), 'many-' || i, 'tenant_many_' || i, 'admin@many.example',
            case when i % 10 = 0 then 'suspended' else 'active' end, now() - make_interval(days => i)
       from generate_series(1, $1::int) i`,
    [MANY],
  )
  await database.client.query(
    `insert into tenants (name, slug, database_schema, admin_email, status)
     values ($1, 'long', 'tenant_long', 'x@long.example', 'archived'),
            ('<img src=x onerror=alert(1)>', 'hostile', 'tenant_hostile', 'x@hostile.example', 'archived')`,
    [LONG],
  )
}

test('an environment without tenants offers the first', async ({ page, open, makeSystem }) => {
  const { environment } = await makeSystem()
  await open(tenantsOf(environment))
  await expect(page.getByText('No tenants yet')).toBeVisible()
  await page.getByRole('button', { name: 'Provision the first tenant' }).click()
  await expect(page.getByRole('dialog', { name: 'New tenant' })).toBeVisible()
})

test('120 tenants are read in pages by key, to the last one', async ({ page, open, makeSystem, guard }) => {
  const system = await makeSystem()
  await fillRegistry(system)
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await expect(page.getByText(`${MANY + 2} tenants`)).toBeVisible()
  await expect(tenants.row('Tenant 001')).toBeVisible()
  await expect(tenants.row(`Tenant ${MANY}`)).toHaveCount(0)
  await tenants.grid.focus()
  await page.keyboard.press('End')
  await page.keyboard.press('ControlOrMeta+End')
  await expect(async () => {
    await page.keyboard.press('ControlOrMeta+End')
    await expect(tenants.row('Very long name')).toBeVisible({ timeout: 500 })
  }).toPass()
  const further = guard.calls('tenants.list').filter(frame => frame.includes('"cursor"'))
  if (test.info().project.name === 'web') expect(further).toHaveLength(2)

  // Long and hostile names stay text on one line.
  const box = await tenants.row('Very long name').boundingBox()
  expect(box?.height).toBeLessThanOrEqual(34)
  await expect(tenants.search).toBeVisible()
  await tenants.search.fill('hostile')
  await expect(tenants.row('<img src=x onerror=alert(1)>')).toBeVisible()
})

test('search, status and order narrow the list and stand in the address', async ({ page, open, makeSystem }) => {
  const system = await makeSystem()
  await fillRegistry(system)
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await tenants.search.fill('many-11')
  await expect(page.getByText('11 tenants')).toBeVisible()
  await tenants.sortBy('Tenant')
  await expect.poll(() => tenants.names().then(names => names[0])).toBe('Tenant 119')
  await page.getByRole('group', { name: 'Only tenants that are' }).getByText('Suspended').click()
  await expect.poll(() => tenants.names()).toEqual(['Tenant 110'])
  expect(page.url()).toContain('search=many-11')

  await page.reload()
  await expect(tenants.search).toHaveValue('many-11')
  await expect.poll(() => tenants.names()).toEqual(['Tenant 110'])
  await tenants.search.fill('nothing has this name')
  await expect(page.getByText('No tenant matches')).toBeVisible()
  await page.getByRole('button', { name: 'Clear search and filter' }).click()
  await expect(page.getByText(`${MANY + 2} tenants`)).toBeVisible()
  await tenants.sortBy('Created')
  await expect(tenants.grid.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'descending')
  await tenants.sortBy('Created')
  await expect.poll(() => tenants.names().then(names => names[0])).toBe('Tenant 120')
})

test('a row shows version, people, size and activity of its tenant', async ({ page, open, makeSystem }) => {
  const system = await makeSystem()
  await system.createTenant('facts', 'Facts')
  const tenants = new TenantsPage(page)
  await open(tenantsOf(system.environment))
  await expect(tenants.row('facts')).toContainText('Active')
  await expect(tenants.row('facts')).toContainText(/\d+(\.\d+)? [KM]iB/)
})
