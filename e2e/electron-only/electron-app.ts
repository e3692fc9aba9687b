import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test as base, type ElectronApplication, _electron as electron, type Page } from '@playwright/test'

const PROJECT = resolve(import.meta.dirname, '..', '..')

interface Fixtures {
  /** Data of one test: what two starts have in common. */
  dataDirectory: string
  app: ElectronApplication
  page: Page
}

/** Starts the built app from `out/`; a display (or a virtual one) and Electron's runtime must be there. */
export function launch(dataDirectory: string): Promise<ElectronApplication> {
  const variables = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return electron.launch({
    args: [PROJECT],
    cwd: PROJECT,
    env: { ...Object.fromEntries(variables), TENANTRY_DATA: dataDirectory },
  })
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  dataDirectory: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-electron-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  app: async ({ dataDirectory }, use) => {
    const app = await launch(dataDirectory)
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
