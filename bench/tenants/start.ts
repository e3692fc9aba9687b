import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { ensureBuilt } from '../../scripts/lib/build.ts'
import { projectFolder } from '../../scripts/lib/install.mjs'
import { SECRETS_VARIABLE, secretsLine } from '../../src/main/handed-secrets.ts'
import type { TestConsole } from '../../src/main/testing/test-console.ts'
import { launchBrowser } from '../lib/browser.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, timed } from '../lib/measure.ts'
import { HANDED_DESCRIPTOR, PageServer } from '../lib/page-server.ts'
import { scriptsOfFirstLoad, scriptsOfPage } from './bundle.ts'
import { createFleet, fillTenants, provisionAll, slugs } from './fleet.ts'
import { reactAlone } from './react-alone.ts'

const TENANTS = 200
const FILLED = 50
const FIRST_TENANT = 'Tenant tenant-0001'
const ROUNDS = { rounds: 9, warmUp: 2 }
const START_MILLISECONDS = 2_500
const BUNDLE_KILOBYTES = 350
/** A frame callback runs before its frame is painted, so the second one runs after the first frame was. */
const NEXT_FRAME = 'new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))'

/** The local web console, from the start of its process to the painted tenant list, and what its page loads until then. */
export async function startWeb(): Promise<void> {
  note((await ensureBuilt()) ? 'built the console' : 'the console is built')
  await using fleet = await createFleet()
  await provisionAll(fleet, slugs('tenant', TENANTS))
  await fillTenants(fleet, FILLED)
  const browser = await launchBrowser()
  try {
    const times = await interleaved(
      {
        ours: () => open(browser, () => startConsole(fleet), FIRST_TENANT),
        yardstick: () => open(browser, startStaticPage, 'Painted'),
      },
      ROUNDS,
    )
    report('start.web', 'ms', { ...times, target: { ours: START_MILLISECONDS } })
    await reportBundle(browser, fleet)
  } finally {
    await browser.close()
  }
}

async function reportBundle(browser: Browser, fleet: TestConsole): Promise<void> {
  const page = await newPage(browser)
  const server = await startConsole(fleet)
  const fetched = await scriptsOfPage(page, () => show(page, server.address, FIRST_TENANT))
  await server.stop()
  await page.context().close()
  const linked = await scriptsOfFirstLoad(join(projectFolder, 'out', 'renderer'))
  const yardstick = await reactAlone()
  const target = { ours: BUNDLE_KILOBYTES }
  report('bundle.first-load', 'kB', { ours: fetched.untilPainted, yardstick, target })
  report('bundle.first-load.linked', 'kB', { ours: linked, yardstick, target })
  report('bundle.until-idle', 'kB', { ours: fetched.untilIdle, yardstick })
}

/** A browser that runs already, but has never seen the page. */
async function open(browser: Browser, start: () => Promise<PageServer>, text: string): Promise<number> {
  const page = await newPage(browser)
  let server: PageServer | undefined
  const duration = await timed(async () => {
    server = await start()
    await show(page, server.address, text)
  })
  await page.context().close()
  await server?.stop()
  return duration
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  return await context.newPage()
}

async function show(page: Page, address: string, text: string): Promise<void> {
  await page.goto(address, { waitUntil: 'commit' })
  await page.getByText(text, { exact: true }).first().waitFor()
  await page.evaluate(NEXT_FRAME)
}

const startStaticPage = () => PageServer.start({ argv: [join(import.meta.dirname, 'static-page.mjs')] })

/** As quickstart starts it: the environment is registered, and its password is handed over through a pipe. */
const startConsole = ({ folder, environment, database }: TestConsole) =>
  PageServer.start({
    argv: [join(projectFolder, 'out', 'main', 'web.js'), '--no-open'],
    env: { TENANTRY_DATA: folder, [SECRETS_VARIABLE]: String(HANDED_DESCRIPTOR) },
    handOver: secretsLine([{ environmentId: environment.id, store: 'postgres', secret: database.password }]),
  })
