import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, type ElectronApplication, type Page } from '@playwright/test'
import { launchElectron } from '../support/launch-electron.ts'

interface Fixtures {
  /** Data of one test: what two starts have in common. */
  dataDirectory: string
  app: ElectronApplication
  page: Page
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  dataDirectory: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-electron-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  app: async ({ dataDirectory }, use) => {
    const app = await launchElectron(dataDirectory)
    await use(app)
    await app.close()
  },
  page: async ({ app }, use) => {
    const page = await app.firstWindow()
    await page.waitForLoadState('load')
    await use(page)
  },
})

export { expect } from '@playwright/test'
