import { faultOnCreateTable, hangingBackends } from '../../src/main/testing/faults.ts'
import { realMongo, realRedis } from '../../src/main/testing/real-stores.ts'
import { expect, test } from '../fixtures.ts'
import { healthOf, tenantsOf } from '../pages/paths.ts'
import { TenantsPage } from '../pages/tenants-page.ts'
import { uniqueSlug } from '../support/system.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('health shows the figures of every store', async ({ page, open, makeSystem }) => {
  await using folder = await temporaryFolder()
  const redis = realRedis()
  const mongo = realMongo('hr')
  const { environment } = await makeSystem({
    stores: { redis: redis.settings, mongo: mongo.settings, backup: { kind: 'folder', path: folder.path } },
    secrets: { redis: redis.secret, mongo: mongo.secret },
  })
  await open(healthOf(environment))
  const postgres = page.getByRole('region', { name: 'PostgreSQL' })
  await expect(postgres).toContainText('Healthy')
  await expect(postgres).toContainText(/Connections[\s\S]*\d+ of \d+/i)
  for (const name of ['MongoDB', 'Redis', 'Backup store']) {
    await expect(page.getByRole('region', { name })).toContainText('Healthy')
  }
  await expect(page.getByRole('region', { name: 'Redis' })).toContainText(/memory/i)
})

test('a store that fails is shown by itself, with a hint', async ({ page, open, makeSystem }) => {
  const { environment } = await makeSystem({
    stores: {
      redis: { mode: 'single', nodes: [{ host: '127.0.0.1', port: 1 }], database: 0, tls: { enabled: false } },
    },
  })
  await open(healthOf(environment))
  await expect(page.getByRole('region', { name: 'PostgreSQL' })).toContainText('Healthy')
  const redis = page.getByRole('region', { name: 'Redis' })
  await expect(redis).toContainText('Failed')
  await expect(redis.getByRole('alert')).toContainText(/Nothing listens at this address and port.*Check host and port/)
  await redis.getByRole('link', { name: 'Edit its connection' }).click()
  await expect(page.getByRole('heading', { level: 1, name: environment.name })).toBeVisible()
})

test('what was done stands in the audit, with its input and without its secrets', async ({ page, open, system }) => {
  const slug = uniqueSlug('audited')
  await system.createTenant(slug)
  await open(tenantsOf(system.environment))
  // The environment of the address becomes the current one once it is known.
  await expect(page.getByRole('button', { name: `Environment ${system.environment.name}` })).toBeVisible()
  await page.getByRole('link', { name: 'Audit', exact: true }).click()
  const grid = page.getByRole('grid', { name: 'Audit entries' })
  const row = grid.getByRole('row').filter({ hasText: slug }).first()
  await expect(row).toBeVisible()
  await row.getByRole('gridcell').first().click()
  const entry = page.getByRole('dialog', { name: 'Audit entry' })
  await expect(entry).toContainText('tenants.create')
  await expect(entry).toContainText(`admin@${slug}.example`)
  await page.keyboard.press('Escape')
  await page.getByText('Everything', { exact: true }).click()
  await expect(
    grid
      .getByRole('row')
      .filter({ hasText: /environment/i })
      .first(),
  ).toBeVisible()
  expect(await page.content()).not.toContain(system.database.password)
})

test('jobs are listed with their state, and one is shown in full', async ({ page, open, system }) => {
  const slug = uniqueSlug('listed')
  await system.createTenant(slug)
  await open('/jobs')
  const row = page.getByRole('grid', { name: 'Jobs' }).getByRole('row').filter({ hasText: slug })
  await expect(row).toContainText('Done')
  await row.getByRole('link').click()
  await expect(page.getByRole('list', { name: 'Steps' }).getByRole('listitem').first()).toBeVisible()
  await expect(page.getByText('tenants.create', { exact: true })).toBeVisible()
  await page.getByRole('link', { name: `Open Tenant ${slug}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: `Tenant ${slug}` })).toBeVisible()
})

test('the theme is switched and kept', async ({ page, open, system }) => {
  await open(tenantsOf(system.environment))
  const html = page.locator('html')
  for (const [choice, scheme] of [
    ['Dark', 'dark'],
    ['Light', 'light'],
    ['Dark', 'dark'],
  ] as const) {
    await page.getByRole('button', { name: 'Theme' }).click()
    await page.getByRole('menuitem', { name: choice }).click()
    await expect(html).toHaveAttribute('data-mantine-color-scheme', scheme)
  }
  await page.reload()
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark')
})

test('a job in the background shows its progress in the tray and tells its end', async ({ page, open, makeSystem }) => {
  const { environment, database } = await makeSystem()
  const repair = await faultOnCreateTable(database.client, 'payroll', 'hang')
  const tenants = new TenantsPage(page)
  await open(tenantsOf(environment))
  await tenants.fillNew({ name: 'Behind', slug: 'behind', email: 'admin@behind.example' })
  await tenants.submitNew()
  await expect.poll(() => hangingBackends(database.client)).toHaveLength(1)
  await tenants.drawer.getByRole('button', { name: 'Continue in the background' }).click()
  const tray = page.getByRole('complementary', { name: 'Jobs' })
  await expect(tray).toContainText('Running · 1')
  await page.getByRole('link', { name: 'Audit', exact: true }).click()
  await expect(page.getByRole('button', { name: '1 job running' })).toBeVisible()
  const [backend] = await hangingBackends(database.client)
  await database.client.query('select pg_cancel_backend($1)', [backend])
  const news = page.getByRole('alert').filter({ hasText: 'Provision a tenant · Behind' })
  await expect(news).toBeVisible()
  await news.getByRole('link', { name: 'Show the job' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /Behind/ })).toBeVisible()
  await expect(page.getByRole('list', { name: 'Steps' })).toContainText('failed')
  await repair()
})
