import type { Locator, Page } from '@playwright/test'

/** The tables of a tenant and the grid of one of them. */
export class DataPage {
  readonly page: Page
  readonly tables: Locator
  readonly filter: Locator
  readonly panel: Locator

  constructor(page: Page) {
    this.page = page
    this.tables = page.getByRole('listbox', { name: 'Tables' })
    this.filter = page.getByRole('combobox', { name: 'Filter the tables' })
    this.panel = page.getByRole('complementary', { name: 'Row details' })
  }

  grid(table: string): Locator {
    return this.page.getByRole('grid', { name: `Rows of ${table}` })
  }

  /** The cell where the keyboard is. */
  active(table: string): Locator {
    return this.grid(table).locator('[role=gridcell][data-active=true]')
  }

  field(name: string): Locator {
    return this.panel.locator('dl > div').filter({ has: this.page.locator('dt', { hasText: name }) })
  }
}
