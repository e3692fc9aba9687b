import type { TestDatabase } from '../../src/main/testing/test-database.ts'
import { expect, test } from '../fixtures.ts'
import { DataPage } from '../pages/data-page.ts'
import { dataOf, tenantAt } from '../pages/paths.ts'
import { uniqueSlug } from '../support/system.ts'

const ROWS = 1_000
const CLEAR = { pan: 'ABCPK1234F', aadhaar: '998877665544', account: '00112233445566' }

/** Only the web console's frames can be listened to. */
const isWatched = (): boolean => test.info().project.name === 'web'

/** Departments in any number, and one employee whose personal data must never be seen. */
async function fill({ client }: TestDatabase, schema: string): Promise<void> {
  const at = client.escapeIdentifier(schema)
  await client.query(
    `insert into ${at}.departments (name, code, created_at)
     select 'Department ' || i, 'D' || lpad(i::text, 5, '0'), timestamptz '2024-01-01T00:00:00Z' + make_interval(hours => i)
       from generate_series(1, ${ROWS}) i`,
  )
  await client.query(
    `with person as (
       insert into ${at}.users (email, password_hash, first_name, last_name)
       values ('asha@hr.example', '$2b$10$clearhashclearhash', 'Asha', '') returning id)
     insert into ${at}.employees (user_id, employee_code, email, phone, gender, date_of_joining, pan, aadhaar, bank_account)
     select id, 'E1', 'asha@hr.example', null, '', date '2024-05-06', $1, $2, $3 from person`,
    [CLEAR.pan, CLEAR.aadhaar, CLEAR.account],
  )
  await client.query(
    `insert into ${at}.organization_settings (key, value)
     values ('long', jsonb_build_object('text', repeat('long value ', 20000))),
            ('markup', '{"html": "<b>bold</b>", "list": [1, 2.50]}')`,
  )
  await client.query(`analyze ${at}.departments`)
}

test('a tenant leads to its tables, and a table to its rows', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('tables'))
  await fill(system.database, tenant.databaseSchema)
  await open(tenantAt(system.environment, tenant, 'tables'))
  const tables = page.getByRole('grid', { name: 'Tables' })
  await expect(tables.getByRole('row').filter({ hasText: 'departments' })).toContainText('≈ 1')
  await tables.getByRole('link', { name: 'departments' }).click()
  const data = new DataPage(page)
  await expect(data.grid('departments').getByRole('row').nth(1)).toBeVisible()
  await expect(data.tables.getByRole('option', { selected: true })).toContainText('departments')

  await data.filter.fill('organ')
  await page.keyboard.press('Enter')
  await expect(data.grid('organization_settings')).toBeVisible()
})

test('scrolling reads on by key to the last row', async ({ page, open, system, guard }) => {
  const tenant = await system.createTenant(uniqueSlug('scroll'))
  await fill(system.database, tenant.databaseSchema)
  const data = new DataPage(page)
  await open(`${dataOf(system.environment, tenant, 'departments')}?sort=code`)
  const grid = data.grid('departments')
  await grid.focus()
  await expect(async () => {
    await page.keyboard.press('ControlOrMeta+End')
    await expect(page.getByText(/End of the table/)).toBeVisible({ timeout: 500 })
  }).toPass()
  await expect(page.getByText(/1,0\d\d rows loaded, to the end/).first()).toBeVisible()
  await expect(data.active('departments')).toBeVisible()
  // Of a thousand rows only those in sight are in the page.
  expect(await grid.getByRole('row').count()).toBeLessThan(100)
  const [first, ...more] = guard.calls('data.page')
  if (isWatched()) expect([first === undefined, more.length >= 4]).toEqual([false, true])
  for (const call of more) expect(call).toContain('"cursor"')

  await page.keyboard.press('ControlOrMeta+Home')
  await expect(grid.getByText('D00001')).toBeVisible()
})

test('an indexed column sorts, both ways; others do not offer it', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('sort'))
  await fill(system.database, tenant.databaseSchema)
  const data = new DataPage(page)
  await open(dataOf(system.environment, tenant, 'departments'))
  const grid = data.grid('departments')
  const code = grid.getByRole('columnheader', { name: /^code/ })
  await code.getByRole('button').click()
  await expect(code).toHaveAttribute('aria-sort', 'ascending')
  await code.getByRole('button').click()
  await expect(code).toHaveAttribute('aria-sort', 'descending')
  expect(page.url()).toContain('sort=code')
  await expect(grid.getByRole('columnheader', { name: /^name/ }).getByRole('button')).toHaveCount(0)
})

test('personal data is masked before it reaches the page', async ({ page, open, system, guard }) => {
  const tenant = await system.createTenant(uniqueSlug('masked'))
  await fill(system.database, tenant.databaseSchema)
  const data = new DataPage(page)
  await open(dataOf(system.environment, tenant, 'employees'))
  await data.grid('employees').focus()
  await page.keyboard.press('i')
  await expect(data.field('aadhaar')).toContainText('masked')
  await expect(data.field('pan')).toContainText('masked')
  await expect(data.field('bank_account')).toContainText('masked')
  await data.filter.fill('users')
  await page.keyboard.press('Enter')
  await expect(data.grid('users').getByRole('row').nth(2)).toBeVisible()
  if (isWatched()) expect(guard.calls('data.page').length).toBeGreaterThanOrEqual(2)
  const seen = [await page.content(), ...guard.frames].join()
  for (const value of [...Object.values(CLEAR), '$2b$']) expect(seen).not.toContain(value)
})

test('NULL is told apart from the empty text, and types are shown rightly', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('types'))
  await fill(system.database, tenant.databaseSchema)
  const data = new DataPage(page)
  await open(dataOf(system.environment, tenant, 'employees'))
  await data.grid('employees').focus()
  await page.keyboard.press('i')
  await expect(data.field('phone')).toContainText('NULL')
  await expect(data.field('gender')).toContainText('empty text')
  await expect(data.field('date_of_joining')).toContainText('2024-05-06')
  await expect(data.field('user_id')).toContainText('→ users')
  await expect(data.field('user_id').locator('dd')).toContainText(/[0-9a-f]{8}-[0-9a-f]{4}-/)
})

test('a long value comes as a preview with its size; markup stays text', async ({ page, open, system, guard }) => {
  const tenant = await system.createTenant(uniqueSlug('long'))
  await fill(system.database, tenant.databaseSchema)
  const data = new DataPage(page)
  await open(`${dataOf(system.environment, tenant, 'organization_settings')}?sort=key`)
  const grid = data.grid('organization_settings')
  await expect(grid.getByRole('row').filter({ hasText: 'markup' })).toContainText('<b>bold</b>')
  const row = grid.getByRole('row').filter({ hasText: 'long value' })
  await expect(row).toContainText(/\d+(\.\d)? KiB/)
  await row.getByRole('gridcell').nth(1).dblclick()
  await expect(data.panel).toContainText(/The first [\d,]+ characters, of .* in all/)
  const answer = guard.frames.filter(frame => frame.includes('"nextCursor"') && frame.includes('long value'))
  for (const frame of answer) expect(frame.length).toBeLessThan(100_000)
})

test('the grid is walked, copied from and looked into by keyboard', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('walk'))
  await fill(system.database, tenant.databaseSchema)
  const data = new DataPage(page)
  await open(`${dataOf(system.environment, tenant, 'departments')}?sort=code&dir=desc`)
  const grid = data.grid('departments')
  await grid.focus()
  await expect(data.active('departments')).toHaveAttribute('aria-colindex', '1')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  const active = data.active('departments')
  await expect(active).toHaveAttribute('aria-colindex', '3')
  await expect(active).toHaveAttribute('data-active', 'true')
  const id = await active.getAttribute('id')
  await expect(grid).toHaveAttribute('aria-activedescendant', id ?? '')
  const text = (await active.textContent()) ?? ''
  await page.keyboard.press('ControlOrMeta+C')
  await expect(page.getByText('Copied code')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text)
  await page.keyboard.press('Enter')
  await expect(data.panel).toContainText('Row 2')
  await page.keyboard.press('j')
  await expect(data.panel).toContainText('Row 3')
  await page.keyboard.press('Escape')
  await expect(data.panel).toHaveCount(0)
  await expect(grid).toBeFocused()
})

test('an empty table says that it is empty', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('none'))
  await open(dataOf(system.environment, tenant, 'payroll'))
  await expect(page.getByText('No rows', { exact: true })).toBeVisible()
})

test('another tenant is chosen by typing', async ({ page, open, system }) => {
  const first = await system.createTenant(uniqueSlug('first'))
  const second = await system.createTenant(uniqueSlug('second'))
  await open(dataOf(system.environment, first, 'roles'))
  await expect(new DataPage(page).grid('roles')).toBeVisible()
  await page.getByRole('combobox', { name: 'Tenant' }).fill(second.slug)
  await page.getByRole('option', { name: second.name }).click()
  await expect(page).toHaveURL(new RegExp(`${second.id}/roles`))
  await expect(new DataPage(page).grid('roles')).toBeVisible()
})
