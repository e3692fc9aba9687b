import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page, Response } from '@playwright/test'

/** Kilobytes (1000 bytes), as bundlers write them, after gzip at its usual level. */
export const gzippedKilobytes = (body: Buffer | string): number => gzipSync(body).byteLength / 1_000

/** Weighs the scripts that the browser fetches while the work runs. */
export async function scriptsDuring(page: Page, work: () => Promise<void>): Promise<number> {
  const scripts: Response[] = []
  page.on('response', response => {
    if (response.request().resourceType() === 'script') scripts.push(response)
  })
  await work()
  const sizes = await Promise.all(scripts.map(async script => gzippedKilobytes(await script.body())))
  return sum(sizes)
}

const LINKED = /<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+\.js)"/g
const IMPORTED = /(?:^|[;}\n])\s*(?:import|export)\b(?:[^"';()]*?\bfrom)?\s*["'](\.{1,2}\/[^"']+\.js)["']/g

/** Weighs the built page's entry with everything that it links or imports, without what it loads later. */
export async function scriptsOfFirstLoad(rendererDirectory: string): Promise<number> {
  const html = await readFile(join(rendererDirectory, 'index.html'), 'utf8')
  const waiting = matches(html, LINKED).map(path => posix.normalize(path.replace(/^\.?\//, '')))
  const sizes = new Map<string, number>()
  for (const path of waiting) {
    if (sizes.has(path)) continue
    const code = await readFile(join(rendererDirectory, path), 'utf8')
    sizes.set(path, gzippedKilobytes(code))
    waiting.push(...matches(code, IMPORTED).map(target => posix.join(posix.dirname(path), target)))
  }
  if (sizes.size === 0) throw new Error('The built page links no script')
  return sum([...sizes.values()])
}

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, path]) => (path === undefined ? [] : [path]))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
