import { existsSync } from 'node:fs'
import { defineConfig, type LaunchOptions } from '@playwright/test'
import { electronRuntime } from './scripts/lib/electron-runtime.ts'

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium; Playwright's own where there is none. */
const executablePath = SYSTEM_BROWSERS.find(path => existsSync(path))

const launchOptions: LaunchOptions = {
  ...(executablePath === undefined ? {} : { executablePath }),
  args: [
    // Chromium cannot sandbox itself as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

const web = {
  name: 'web',
  testDir: 'e2e/specs',
  use: { launchOptions, permissions: ['clipboard-read', 'clipboard-write'] },
}

/** The same specs in the desktop app, less those on the local web console itself. */
const desktop = { name: 'electron', testDir: 'e2e', grepInvert: /@web/, use: { launchOptions } }

export default defineConfig({
  globalSetup: './e2e/support/require-build.ts',
  outputDir: 'node_modules/.cache/playwright',
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: { viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', actionTimeout: 15_000 },
  projects: electronRuntime() === undefined ? [web] : [web, desktop],
})
