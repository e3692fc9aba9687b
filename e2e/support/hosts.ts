import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test'
import { HostClient } from './host-client.ts'
import { launchElectron } from './launch-electron.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { WebConsole } from './web-console.ts'

/** A console that specs look at, whatever carries it. */
export interface Host extends AsyncDisposable {
  client: HostClient
  /** The page of one spec, before it is loaded. */
  newPage(context: BrowserContext): Promise<Page>
  /** Loads a page of the host at a route such as `/jobs`, as somebody who is here for the first time. */
  load(page: Page, route: string): Promise<void>
}

/** A page that has its kernel. */
const isReady = (page: Page) => expect(page.getByRole('navigation', { name: 'Areas' })).toBeVisible()

/** The address of a console at a route. */
export const addressOf = (webConsole: WebConsole, route: string): string => `${webConsole.address.href}&${route}`

export async function startWebHost(browser: Browser): Promise<Host> {
  const folder = await temporaryFolder()
  const webConsole = new WebConsole(folder.path)
  await webConsole.start()
  const context = await browser.newContext()
  const own = await context.newPage()
  await own.goto(webConsole.address.href)
  await isReady(own)
  return {
    client: new HostClient(own),
    newPage: specContext => specContext.newPage(),
    load: async (page, route) => {
      await page.goto(addressOf(webConsole, route))
      await isReady(page)
    },
    [Symbol.asyncDispose]: async () => {
      await context.close()
      await webConsole.stop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

export async function startElectronHost(): Promise<Host> {
  const folder = await temporaryFolder()
  const app = await launchElectron(folder.path)
  const window = await app.firstWindow()
  await isReady(window)
  return {
    client: new HostClient(window),
    newPage: async () => window,
    load: async (page, route) => {
      await page.evaluate(hash => {
        localStorage.clear()
        location.hash = hash
      }, `#${route}`)
      await page.reload()
      await isReady(page)
    },
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
