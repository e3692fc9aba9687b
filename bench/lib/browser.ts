import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']

/** The machine's own Chromium, without a window; Playwright's where the machine has none. */
export async function launchBrowser(): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const executablePath = PROGRAMS.flatMap(program => folders.map(folder => join(folder, program))).find(existsSync)
  return await chromium.launch(executablePath === undefined ? {} : { executablePath })
}
