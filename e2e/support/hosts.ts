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
  /** Brings a page to a route such as `/jobs`, and loads it first where it was not. */
  load(page: Page, route: string): Promise<void>
}

/** A page that has its kernel. */
const isReady = (page: Page) => expect(page.getByRole('navigation', { name: 'Areas' })).toBeVisible()

const goTo = (page: Page, route: string): Promise<void> =>
  page.evaluate(hash => {
    location.hash = hash
  }, route)

/** The address of a console at a route. */
export const addressOf = (webConsole: WebConsole, route: string): string => `${webConsole.address.href}&${route}`

export async function startWebHost(browser: Browser): Promise<Host> {
  // A start that fails half-way leaves no process behind.
  await using started = new AsyncDisposableStack()
  const folder = started.use(await temporaryFolder())
  const webConsole = started.use(new WebConsole(folder.path))
  await webConsole.start()
  const context = started.adopt(await browser.newContext(), made => made.close())
  const own = await context.newPage()
  await own.goto(webConsole.address.href)
  await isReady(own)
  const all = started.move()
  return {
    client: new HostClient(own),
    newPage: specContext => specContext.newPage(),
    load: async (page, route) => {
      if (page.url().startsWith(webConsole.address.origin)) await goTo(page, route)
      else await page.goto(addressOf(webConsole, route))
      await isReady(page)
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

export async function startElectronHost(): Promise<Host> {
  const folder = await temporaryFolder()
  const app = await launchElectron(folder.path)
  const window = await app.firstWindow()
  await isReady(window)
  return {
    client: new HostClient(window),
    newPage: async () => {
      // The window is one for all specs; nothing of the last one may be left in it.
      await window.evaluate(() => localStorage.clear())
      await goTo(window, '/jobs')
      await window.reload()
      return window
    },
    load: goTo,
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
