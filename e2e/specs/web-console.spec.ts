import { expect, test } from '../fixtures.ts'
import { addressOf } from '../support/hosts.ts'

test.describe('the local web console', { tag: '@web' }, () => {
  test('a wrong token leads to a plain page that says how to open the console', async ({ page, emptyConsole }) => {
    const { origin } = emptyConsole.address
    await page.goto(`${origin}/#token=wrong`)
    await expect(page).toHaveURL(`${origin}/host/refused`)
    await expect(page.locator('body')).toContainText('npm run web')
  })

  test('without a token the page asks for the address', async ({ page, emptyConsole }) => {
    await page.goto(emptyConsole.address.origin)
    await expect(page).toHaveURL(/\/host\/refused$/)
  })

  test('the token leaves the address bar and survives a reload', async ({ page, emptyConsole }) => {
    await page.goto(addressOf(emptyConsole, '/jobs'))
    await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible()
    expect(page.url()).toBe(`${emptyConsole.address.origin}/#/jobs`)
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Jobs', level: 1 })).toBeVisible()
  })

  test('the page says that its console is gone, and what to do when another has come', async ({
    page,
    emptyConsole,
  }) => {
    await page.goto(emptyConsole.address.href)
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible()
    await emptyConsole.stop('SIGKILL')
    await expect(page.getByText('The console does not answer.')).toBeVisible()
    await emptyConsole.start()
    // A new console has a new token, which this page cannot know.
    await expect(page).toHaveURL(/\/host\/refused$/, { timeout: 15_000 })
    await page.goto(emptyConsole.address.href)
    await expect(page.getByRole('heading', { name: 'Welcome' })).toBeVisible()
  })
})
