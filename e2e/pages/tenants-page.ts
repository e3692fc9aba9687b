import type { Locator, Page } from '@playwright/test'

/** The list of tenants, its filters and the drawer of a new one. */
export class TenantsPage {
  readonly page: Page
  readonly grid: Locator
  readonly search: Locator
  readonly drawer: Locator

  constructor(page: Page) {
    this.page = page
    this.grid = page.getByRole('grid', { name: 'Tenants' })
    this.search = page.getByRole('searchbox', { name: 'Search tenants' })
    this.drawer = page.getByRole('dialog')
  }

  /** A text field of the drawer. */
  field(name: string): Locator {
    return this.drawer.getByRole('textbox', { name, exact: true })
  }

  row(text: string): Locator {
    return this.grid.getByRole('row').filter({ hasText: text })
  }

  /** Names of the rows that are drawn, from the top. */
  async names(): Promise<string[]> {
    return await this.grid.locator('[data-row]').evaluateAll(rows =>
      rows
        .map(row => ({ index: Number(row.getAttribute('data-row')), name: row.querySelector('a')?.textContent ?? '' }))
        .sort((a, b) => a.index - b.index)
        .map(row => row.name),
    )
  }

  sortBy(column: string): Promise<void> {
    return this.grid.getByRole('columnheader', { name: column }).getByRole('button').click()
  }

  /** Opens the menu of a row and chooses from it. */
  async choose(text: string, item: string | RegExp): Promise<void> {
    await this.row(text)
      .getByRole('button', { name: /^Actions for/ })
      .click()
    await this.page.getByRole('menuitem', { name: item }).click()
  }

  async fillNew(values: { name: string; slug?: string; email: string }): Promise<void> {
    await this.page.getByRole('button', { name: 'New tenant' }).click()
    await this.field('Name').fill(values.name)
    if (values.slug !== undefined) await this.field('Slug').fill(values.slug)
    await this.field('E-mail').fill(values.email)
  }

  submitNew(): Promise<void> {
    return this.drawer.getByRole('button', { name: 'Provision tenant' }).click()
  }
}
