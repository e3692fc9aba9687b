import type { Locator, Page } from '@playwright/test'

/** Backups of an environment with their tabs, and the tab of a tenant with its time line. */
export class BackupsPage {
  readonly page: Page
  readonly grid: Locator
  readonly archives: Locator
  readonly timeLine: Locator
  readonly dialog: Locator

  constructor(page: Page) {
    this.page = page
    this.grid = page.getByRole('grid', { name: 'Latest backups' })
    this.archives = page.getByRole('table', { name: 'Archives' })
    this.timeLine = page.getByRole('img', { name: /^Time line of/ })
    this.dialog = page.getByRole('dialog')
  }

  row(text: string): Locator {
    return this.grid.getByRole('row').filter({ hasText: text })
  }

  /** An archive of the tenant's table, the latest first. */
  archive(index: number): Locator {
    return this.archives.locator('tbody tr').nth(index)
  }

  /** Opens the menu of a tenant in the overview and chooses from it. */
  async choose(text: string, item: string | RegExp): Promise<void> {
    await this.row(text)
      .getByRole('button', { name: /^Actions for/ })
      .click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }

  /** Opens the menu of an archive and chooses from it. */
  async chooseFor(archive: Locator, item: string | RegExp): Promise<void> {
    await archive.getByRole('button', { name: /^Actions for the archive/ }).click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }

  tab(name: string): Promise<void> {
    return this.page.getByRole('tab', { name }).click()
  }
}
