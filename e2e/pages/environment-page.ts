import type { Locator, Page } from '@playwright/test'

/** The form of an environment with its connection test. */
export class EnvironmentPage {
  readonly page: Page
  readonly postgres: Locator
  readonly connection: Locator

  constructor(page: Page) {
    this.page = page
    this.postgres = page.getByRole('region', { name: 'PostgreSQL' })
    this.connection = page.getByRole('complementary', { name: 'Connection test' })
  }

  /** A text field of the PostgreSQL section. */
  field(name: string): Locator {
    return this.postgres.getByLabel(name)
  }

  /** Switches a store on or off, as its switch says. */
  async useOnly(stores: readonly string[]): Promise<void> {
    for (const store of ['PostgreSQL', 'MongoDB', 'Redis', 'Backup store']) {
      const toggle = this.page.getByRole('switch', { name: `This environment has ${store}` })
      if ((await toggle.isChecked()) !== stores.includes(store)) await toggle.press('Space')
    }
  }

  async name(name: string, environmentClass: 'development' | 'staging' | 'production'): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
    await this.page.getByRole('radio', { name: environmentClass, exact: true }).click()
  }

  /** As with the keyboard's paste: the fields take a pasted URL apart themselves. */
  async paste(field: Locator, text: string): Promise<void> {
    await field.focus()
    await this.page.evaluate(value => navigator.clipboard.writeText(value), text)
    await this.page.keyboard.press('ControlOrMeta+V')
  }

  async test(): Promise<void> {
    await this.connection.getByRole('button', { name: 'Test connection' }).click()
  }

  save(): Promise<void> {
    return this.page.getByRole('button', { name: 'Save', exact: true }).click()
  }
}
