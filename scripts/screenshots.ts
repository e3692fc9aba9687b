import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, chromium, type LaunchOptions, type Page } from '@playwright/test'
import config from '../playwright.config.ts'
import { projectFolder } from './lib/install.mjs'

/**
 * Takes the screenshots of the README from a demo system of its own, or from a running console of the demo:
 * `node scripts/screenshots.ts [address]`. The demo's data is the same every time; times of the day are not.
 */

const FOLDER = join(projectFolder, 'docs', 'screenshots')
const SIZE = { width: 1280, height: 800 }
/** A fresh demo has to be built, started and filled first. */
const READY_MS = 180_000

type Theme = 'light' | 'dark'
type Take = (page: Page) => Promise<void>

/** Opens the largest tenant of the demo from the list. */
async function openTenant(page: Page): Promise<void> {
  await page.getByRole('columnheader', { name: 'Tenant' }).waitFor()
  await page.getByRole('row').filter({ hasText: 'Active' }).first().getByRole('link').click()
  await page.getByRole('tab', { name: 'Overview' }).waitFor()
}

async function openTable(page: Page, table: string): Promise<void> {
  await openTenant(page)
  await page.getByRole('tab', { name: 'Tables' }).click()
  await page.getByRole('link', { name: table, exact: true }).click()
  await page.getByRole('grid', { name: new RegExp(table) }).waitFor()
}

/** The demo begins without archives. */
async function backUp(page: Page): Promise<void> {
  await openTenant(page)
  await page.getByRole('tab', { name: 'Backups' }).click()
  await page.getByRole('button', { name: 'Back up now' }).first().click()
  const archive = page.getByRole('table').getByRole('link').first()
  await page.getByText('Done.', { exact: false }).first().waitFor()
  // Without the notice and the tray that tell of the job.
  await page.reload()
  await archive.waitFor()
}

/** Fills in the form of a new tenant, as far as the eye goes; nothing is provisioned. */
async function fillTenant(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'New tenant' }).click()
  const form = page.getByRole('dialog')
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Meridian Textiles')
  await form.getByRole('textbox', { name: 'E-mail' }).fill('people@meridian.example')
}

const SCREENS: Readonly<Record<string, Take>> = {
  tenants: async page => {
    await page.getByRole('columnheader', { name: 'Tenant' }).waitFor()
  },
  tenant: async page => {
    await openTenant(page)
  },
  'new-tenant': fillTenant,
  data: async page => {
    await openTable(page, 'employees')
    await page.getByRole('gridcell', { name: 'EMP-' }).nth(4).click()
  },
  archives: backUp,
  restore: async page => {
    await backUp(page)
    await page.getByRole('table').getByRole('link').first().click()
    await page
      .getByRole('button', { name: 'Restore…' })
      .or(page.getByRole('link', { name: 'Restore…' }))
      .click()
    await page.getByRole('heading', { name: 'What will be lost' }).waitFor()
  },
  palette: async page => {
    await page.getByRole('columnheader', { name: 'Tenant' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
  },
}

/** What the README shows; both themes are equals. */
const SHOTS: readonly (readonly [name: string, theme: Theme])[] = [
  ['tenants', 'light'],
  ['tenant', 'dark'],
  ['new-tenant', 'light'],
  ['data', 'dark'],
  ['palette', 'dark'],
  ['archives', 'dark'],
  ['restore', 'light'],
]

interface Shot {
  browser: Browser
  address: string
  name: string
  theme: Theme
}

async function takeScreen({ browser, address, name, theme }: Shot): Promise<void> {
  const context = await browser.newContext({ viewport: SIZE, colorScheme: theme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(address)
  await SCREENS[name]?.(page)
  await settle(page)
  await page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`) })
  await context.close()
}

/** Run in the page, whose types this folder does not have. */
const IS_STILL = `Promise.all([document.fonts.ready, ...document.getAnimations().map(one => one.finished.catch(() => 0))])`

/** Nothing loads and nothing moves any more. */
async function settle(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
  await page.evaluate(IS_STILL)
}

async function takeAll(address: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const launchOptions: LaunchOptions = config.projects?.[0]?.use?.launchOptions ?? {}
  const browser = await chromium.launch(launchOptions)
  try {
    for (const [name, theme] of SHOTS) await takeScreen({ browser, address, name, theme })
  } finally {
    await browser.close()
  }
}

/** Starts a demo that nobody else uses, and ends it with all that belongs to it. */
async function withDemo(work: (address: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'tenantry-screenshots-'))
  // The servers' own user has to pass through.
  await chmod(home, 0o711)
  const demo = spawn(process.execPath, [join(projectFolder, 'scripts', 'quickstart', 'run.ts'), '--no-open'], {
    env: { ...process.env, TENANTRY_DEMO_HOME: join(home, 'demo') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(demo, 'close')
  try {
    const lines = createInterface({ input: demo.stdout })
    const address = Promise.race([
      once(lines, 'line', { signal: AbortSignal.timeout(READY_MS) }),
      ended.then(([code]) => Promise.reject(new Error(`The demo ended with code ${code}.`))),
    ])
    await work(String((await address)[0]))
  } finally {
    demo.kill('SIGINT')
    await ended
    await rm(home, { recursive: true, force: true })
  }
}

const [address] = process.argv.slice(2)
await (address === undefined ? withDemo(takeAll) : takeAll(address))
process.stdout.write(`${FOLDER}\n`)
