import { expect, test } from './electron-app.ts'

test('the page has no Node and cannot touch what the preload gave it', async ({ page }) => {
  const globals = await page.evaluate(() =>
    ['require', 'process', 'module', 'Buffer', 'global'].filter(name => Reflect.has(window, name)),
  )
  expect(globals).toEqual([])
  const bridge = await page.evaluate(() => {
    const given: object = Reflect.get(window, 'tenantry')
    return { names: Object.keys(given).sort(), isChanged: Reflect.set(given, 'send', null) }
  })
  expect(bridge).toEqual({ names: ['onFrame', 'send'], isChanged: false })
  expect(page.url()).toMatch(/^app:\/\/tenantry\/index\.html/)
})

test('the policy forbids scripts from text and connections to anywhere', async ({ page }) => {
  const outcome = await page.evaluate(async () => {
    const violations: string[] = []
    document.addEventListener('securitypolicyviolation', event => violations.push(event.effectiveDirective))
    const script = document.createElement('script')
    script.textContent = 'window.wasRun = true'
    document.body.append(script)
    const connected = await fetch('https://example.com/').then(
      () => true,
      () => false,
    )
    return { wasRun: Reflect.has(window, 'wasRun'), connected, violations }
  })
  expect(outcome.wasRun).toBe(false)
  expect(outcome.connected).toBe(false)
  expect(outcome.violations).toContain('connect-src')
})

test('navigation and new windows are denied', async ({ app, page }) => {
  const before = page.url()
  await page.evaluate(() => {
    const link = document.createElement('a')
    link.href = 'https://example.com/'
    document.body.append(link)
    link.click()
  })
  const opened = await page.evaluate(() => window.open('https://example.com/') !== null)
  expect(opened).toBe(false)
  expect(page.url()).toBe(before)
  expect(app.windows()).toHaveLength(1)
})

test('no permission is granted but copying', async ({ page }) => {
  const states = await page.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera'] as PermissionName[]
    const asked = names.map(async name => (await navigator.permissions.query({ name })).state)
    return await Promise.all(asked)
  })
  expect(states).toEqual(['denied', 'denied', 'denied'])
})

test('files outside of the page are not served', async ({ app }) => {
  const statuses = await app.evaluate(async ({ net }) => {
    const addresses = [
      'app://tenantry/index.html',
      'app://tenantry/..%2f..%2fpackage.json',
      'app://tenantry/package.json',
      'app://other/index.html',
    ]
    return await Promise.all(addresses.map(async address => (await net.fetch(address)).status))
  })
  expect(statuses).toEqual([200, 404, 404, 404])
})
