import { expect, type Page, test } from '../fixtures.ts'
import { healthOf, tenantAt, tenantsOf } from '../pages/paths.ts'
import { TenantsPage } from '../pages/tenants-page.ts'
import { uniqueSlug } from '../support/system.ts'

/** Whether the focus shows: what has it looks different without it, itself, around it or beside it. */
const isFocusSeen = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement)) return false
    const near = [
      element,
      element.parentElement,
      element.nextElementSibling,
      ...element.querySelectorAll('[data-active]'),
    ]
    const look = () => {
      for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish()
      return near.map(candidate => {
        if (candidate == null) return ''
        const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(candidate)
        return [outline, boxShadow, borderColor, backgroundColor].join()
      })
    }
    const focused = look()
    element.blur()
    const blurred = look()
    element.focus({ preventScroll: true })
    return focused.join() !== blurred.join()
  })

test('the work has the keyboard from the start, and the first tab stop leads to it', async ({ page, open, system }) => {
  await open(tenantsOf(system.environment))
  const main = page.locator('main')
  await expect(main).toBeFocused()
  await page.getByRole('link', { name: 'Tenantry, start' }).focus()
  await page.keyboard.press('Shift+Tab')
  const skip = page.getByRole('button', { name: 'Skip to the content' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()
  await page.keyboard.press('Enter')
  await expect(main).toBeFocused()
})

test('every tab stop can be seen, and the grid is one of them', async ({ page, open, makeSystem }) => {
  const { environment, createTenant } = await makeSystem()
  await createTenant('stops')
  await open(tenantsOf(environment))
  await expect(new TenantsPage(page).row('stops')).toBeVisible()
  const stops: string[] = []
  const hidden: string[] = []
  const nameOf = () =>
    page.evaluate(() => {
      const element = document.activeElement
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent
      return `${element?.tagName} ${element?.getAttribute('aria-label') ?? label?.slice(0, 30)}`
    })
  for (let stop = 0; stop < 40; stop += 1) {
    await page.keyboard.press('Tab')
    const name = await nameOf()
    // Between the last stop and the first the browser's own controls would have the focus.
    if (name.startsWith('BODY')) continue
    if (stops.includes(name)) break
    stops.push(name)
    if (!(await isFocusSeen(page))) hidden.push(name)
  }
  expect(hidden).toEqual([])
  expect(stops).toContain('DIV Tenants')
  expect(stops.length).toBeGreaterThan(10)
})

test('a tenant is found and opened from the palette', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('palette'))
  await open(healthOf(system.environment))
  // Nothing waits for the field: whoever knows the palette types on.
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type(tenant.slug)
  await expect(page.getByRole('button', { name: new RegExp(tenant.name) })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: tenant.name })).toBeVisible()

  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('audit')
  await expect(page.getByRole('button', { name: /^Audit/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible()
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('nothing is called so')
  await expect(page.getByText('Nothing matches “nothing is called so”')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('textbox', { name: 'Search tenants, environments and commands' })).toHaveCount(0)
})

test('a palette that is opened again at once is empty, and takes every letter', async ({ page, open, system }) => {
  await open(healthOf(system.environment))
  const search = page.getByRole('textbox', { name: 'Search tenants, environments and commands' })
  const isNew = page.getByText('Nothing matches “good jobs”')
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('the last words')
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+k')
  // G and J by themselves would lead to the jobs.
  await page.keyboard.type('good jobs')
  await expect(search).toHaveValue('good jobs')
  await expect(search).toBeFocused()
  await expect(isNew).toBeVisible()
  // The same by its command: what was opened first takes the keyboard away when it comes.
  await search.fill('Audit')
  await expect(page.getByRole('button', { name: /^Audit/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('good jobs')
  await expect(page.getByRole('heading', { level: 1, name: 'Audit', includeHidden: true })).toBeVisible()
  await expect(search).toHaveValue('good jobs')
  await expect(isNew).toBeVisible()
})

test('shortcuts lead through the areas and are listed', async ({ page, open, system }) => {
  await open(tenantsOf(system.environment))
  const heading = page.getByRole('heading', { level: 1 })
  await expect(heading).toHaveText('Tenants')
  for (const [keys, title] of [
    ['gd', 'Data'],
    ['gh', 'Health'],
    ['ga', 'Audit'],
    ['gj', 'Jobs'],
    ['ge', 'Environments'],
    ['gt', 'Tenants'],
  ] as const) {
    await page.keyboard.type(keys)
    await expect(heading).toHaveText(title)
  }
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(help.getByRole('region', { name: 'Everywhere' })).toContainText('Search or run a command')
  await expect(help.getByRole('region', { name: 'On this screen' })).toContainText('New tenant')
  await page.keyboard.press('Escape')
  await expect(help).toHaveCount(0)
  await page.keyboard.press('/')
  await expect(new TenantsPage(page).search).toBeFocused()
  // Letters are letters where somebody types.
  await page.keyboard.type('gj')
  await expect(heading).toHaveText('Tenants')
})

test('a tenant is provisioned, opened and suspended without a mouse', async ({ page, open, makeSystem }) => {
  const { environment } = await makeSystem()
  const tenants = new TenantsPage(page)
  await open(tenantsOf(environment))
  await expect(page.getByText('No tenants yet')).toBeVisible()
  await page.keyboard.press('n')
  await expect(tenants.field('Name')).toBeFocused()
  await page.keyboard.type('No Mouse')
  for (let stop = 0; stop < 3; stop += 1) await page.keyboard.press('Tab')
  await expect(tenants.field('E-mail')).toBeFocused()
  await page.keyboard.type('admin@mouse.example')
  await page.keyboard.press('Enter')
  await expect(tenants.drawer.getByText('No Mouse is ready.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(tenants.drawer).toHaveCount(0)

  await tenants.grid.focus()
  await page.keyboard.press('.')
  const suspend = page.getByRole('menuitem', { name: 'Suspend…' })
  await expect(suspend).toBeVisible()
  await page.keyboard.press('Escape')
  await tenants.grid.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'No Mouse' })).toBeVisible()
  await page.getByRole('button', { name: 'Actions', exact: true }).press('Enter')
  await expect(suspend).toBeVisible()
  await suspend.press('Enter')
  await expect(page.getByLabel('Reason')).toBeFocused()
  await page.keyboard.type('Asked for')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('note')).toContainText('Asked for')
})

test('a dialog keeps the focus and gives it back', async ({ page, open, system }) => {
  const tenant = await system.createTenant(uniqueSlug('focus'))
  await open(tenantAt(system.environment, tenant, 'features'))
  const add = page.getByRole('button', { name: 'Add a feature' })
  await add.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('Name')).toBeFocused()
  for (let stop = 0; stop < 8; stop += 1) {
    await page.keyboard.press('Tab')
    expect(await dialog.evaluate(element => element.contains(document.activeElement))).toBe(true)
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(add).toBeFocused()
})

test('what has the keyboard never lies under the buttons of a form', async ({ page, open, system }) => {
  await page.setViewportSize({ width: 1280, height: 600 })
  const covered = () =>
    page.evaluate(() => {
      const element = document.activeElement
      if (!(element instanceof HTMLInputElement) || element.clientHeight < 10) return ''
      const { left, width, bottom } = element.getBoundingClientRect()
      const top = document.elementFromPoint(left + width / 2, bottom - 2)
      return top === element ? '' : (element.labels?.[0]?.textContent ?? 'a field without a name')
    })
  for (const route of [`${tenantsOf(system.environment)}?new=1`, `/environments/${system.environment.id}`]) {
    await open(route)
    await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toBeVisible()
    await page.getByRole('textbox', { name: 'Name', exact: true }).focus()
    for (let stop = 0; stop < 20; stop += 1) {
      await page.keyboard.press('Tab')
      expect(await covered()).toBe('')
    }
    await page.keyboard.press('Escape')
  }
})
