import type { Locator, Page } from '@playwright/test'

/** A restore on its way, from the plan to the verification and the undo. */
export class RestorePage {
  readonly page: Page
  /** The step where it is. */
  readonly step: Locator
  /** What goes where: archive, environment, tenant. */
  readonly identity: Locator
  readonly differences: Locator
  readonly slug: Locator
  readonly reason: Locator

  constructor(page: Page) {
    this.page = page
    this.step = page.getByRole('list', { name: 'Steps of the restore' }).locator('[aria-current=step]')
    this.identity = page.getByRole('region', { name: 'What is restored' })
    this.differences = page.getByRole('table', { name: 'Differences by table' })
    this.slug = page.getByLabel(/^Type the slug to confirm/)
    this.reason = page.getByLabel('Reason')
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name })
  }

  /** A table in the comparison. */
  table(name: string): Locator {
    return this.differences.getByRole('row').filter({ hasText: name })
  }

  /** Counts of a table in the order of the columns: rows left and right, only left, only right, changed. */
  async counts(name: string): Promise<string[]> {
    return await this.table(name).locator('td[data-end=true]').allInnerTexts()
  }
}
