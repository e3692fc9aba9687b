import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import { ensureBuilt } from '../../scripts/lib/build.ts'
import { projectFolder } from '../../scripts/lib/install.mjs'
import { SECRETS_VARIABLE, secretsLine } from '../../src/main/handed-secrets.ts'
import type { TestConsole } from '../../src/main/testing/test-console.ts'
import { launchBrowser } from '../lib/browser.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved } from '../lib/measure.ts'
import { HANDED_DESCRIPTOR, PageServer } from '../lib/page-server.ts'
import { scriptsDuring, scriptsOfFirstLoad } from './bundle.ts'
import { createFleet, fillTenants, provisionAll, slugs } from './fleet.ts'
import { reactAlone } from './react-alone.ts'

const TENANTS = 200
const FILLED = 50
const FIRST_TENANT = 'Tenant tenant-0001'
const ROUNDS = { rounds: 9, warmUp: 2 }
const START_MILLISECONDS = 2_500
const BUNDLE_KILOBYTES = 350
/**
 * Looks before every frame (a locator looks again after up to half a second only). A frame callback runs before its frame is
 * painted, so the second one after the text came runs when it has been painted.
 */
const painted = (text: string): string => `new Promise(resolve => {
  const look = () => {
    if (document.body?.textContent.includes(${JSON.stringify(text)})) requestAnimationFrame(() => requestAnimationFrame(resolve))
    else requestAnimationFrame(look)
  }
  look()
})`

/** The local web console, from the start of its process to the painted tenant list, and what its page loads until then. */
export async function startWeb(): Promise<void> {
  note((await ensureBuilt()) ? 'built the console' : 'the console is built')
  await using fleet = await createFleet()
  await provisionAll(fleet, slugs('tenant', TENANTS))
  await fillTenants(fleet, FILLED)
  await using browser = await launchBrowser()
  const times = await interleaved(
    {
      ours: () => open(browser, () => startConsole(fleet), FIRST_TENANT),
      yardstick: () => open(browser, startStaticPage, 'Painted'),
    },
    ROUNDS,
  )
  report('start.web', 'ms', { ...times, target: { ours: START_MILLISECONDS } })
  await reportBundle(browser, fleet)
}

async function reportBundle(browser: Browser, fleet: TestConsole): Promise<void> {
  await using server = await startConsole(fleet)
  await using context = await newContext(browser)
  const page = await context.newPage()
  const fetched = await scriptsDuring(page, () => show(page, server.address, FIRST_TENANT))
  const linked = await scriptsOfFirstLoad(join(projectFolder, 'out', 'renderer'))
  const yardstick = await reactAlone()
  const target = { ours: BUNDLE_KILOBYTES }
  report('bundle.first-load', 'kB', { ours: fetched, yardstick, target })
  report('bundle.first-load.linked', 'kB', { ours: linked, yardstick, target })
}

/** Milliseconds from the start of the server's process, in a browser that runs already but has never seen the page. */
async function open(browser: Browser, start: () => Promise<PageServer>, text: string): Promise<number> {
  await using context = await newContext(browser)
  const page = await context.newPage()
  const began = performance.now()
  await using server = await start()
  await show(page, server.address, text)
  return performance.now() - began
}

const newContext = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width: 1440, height: 900 } })

async function show(page: Page, address: string, text: string): Promise<void> {
  await page.goto(address, { waitUntil: 'commit' })
  await page.evaluate(painted(text))
  if (!(await page.getByText(text, { exact: true }).first().isVisible())) throw new Error(`${text} is not to be seen`)
}

const startStaticPage = () => PageServer.start({ argv: [join(import.meta.dirname, 'static-page.mjs')] })

/** As quickstart starts it: the environment is registered, and its password is handed over through a pipe. */
const startConsole = ({ folder, environment, database }: TestConsole) =>
  PageServer.start({
    argv: [join(projectFolder, 'out', 'main', 'web.js'), '--no-open'],
    env: { TENANTRY_DATA: folder, [SECRETS_VARIABLE]: String(HANDED_DESCRIPTOR) },
    handOver: secretsLine([{ environmentId: environment.id, store: 'postgres', secret: database.password }]),
  })
