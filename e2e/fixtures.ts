import { test as base, type Page } from '@playwright/test'
import type { HostClient } from './support/host-client.ts'
import { type Host, startElectronHost, startWebHost } from './support/hosts.ts'
import { guardPage, type PageGuard } from './support/page-guard.ts'
import { createSystem, type System, type SystemOptions } from './support/system.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { WebConsole } from './support/web-console.ts'

interface WorkerFixtures {
  host: Host
  /** A system with a registry that the specs of a worker share; their tenants have slugs of their own. */
  system: System
}

interface TestFixtures {
  /** Arranges what a spec looks at, through the same console. */
  client: HostClient
  guard: PageGuard
  /** Opens the page at a route. */
  open: (route: string) => Promise<void>
  /** A system of the spec's own. */
  makeSystem: (options?: SystemOptions) => Promise<System>
  /** A web console of the spec's own, with nothing in it: the first run, restarts, wrong tokens. */
  emptyConsole: WebConsole
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  host: [
    async ({ browser }, use, { project }) => {
      await using host = await (project.name === 'electron' ? startElectronHost() : startWebHost(browser))
      await use(host)
    },
    { scope: 'worker' },
  ],
  system: [
    async ({ host }, use, { workerIndex }) => {
      await using system = await createSystem(host.client, { name: `Shared system ${workerIndex}` })
      await use(system)
    },
    { scope: 'worker' },
  ],
  client: async ({ host }, use) => use(host.client),
  page: async ({ host, context }, use) => use(await host.newPage(context)),
  guard: [
    async ({ page }, use) => {
      const guard = guardPage(page)
      await use(guard)
      guard.check()
    },
    { auto: true },
  ],
  open: async ({ page, host }, use) => use(route => host.load(page, route)),
  makeSystem: async ({ host }, use) => {
    await using made = new AsyncDisposableStack()
    await use(async options => made.use(await createSystem(host.client, options)))
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern
  emptyConsole: async ({}, use) => {
    await using folder = await temporaryFolder()
    await using webConsole = new WebConsole(folder.path)
    await webConsole.start()
    await use(webConsole)
  },
})

export { expect } from '@playwright/test'
export type { Page }
