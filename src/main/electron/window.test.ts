import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserWindow as ElectronWindow } from 'electron'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.mock('electron', () => import('./electron-stub.ts'))
const { BrowserWindow } = await import('./electron-stub.ts')
const { bringToFront, openWindow, windowOptions } = await import('./window.ts')
const { readBounds } = await import('./window-bounds.ts')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-window-'))
})
afterAll(() => rm(folder, { recursive: true }))

const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }]

test('the page runs sandboxed, isolated and without Node', () => {
  const options = windowOptions({
    preloadFile: '/out/preload/index.cjs',
    bounds: undefined,
    isDark: true,
    hasDevTools: false,
  })
  expect(options.show).toBe(false)
  expect(options.webPreferences).toEqual({
    preload: '/out/preload/index.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  })
})

test('before the page is there, the window has the background of its theme', () => {
  const of = (isDark: boolean) =>
    windowOptions({ preloadFile: '', bounds: undefined, isDark, hasDevTools: false }).backgroundColor
  expect(of(true)).not.toBe(of(false))
})

test('opens our own page, shows itself when ready, and remembers its place', async () => {
  const boundsFile = join(folder, 'bounds.json')
  await openWindow({ preloadFile: '/preload.cjs', boundsFile })
  const window = BrowserWindow.opened.at(-1)
  if (window === undefined) throw new Error('No window was opened.')
  expect(window.calls).toEqual(['load app://tenantry/index.html'])
  window.emit('ready-to-show')
  expect(window.calls.at(-1)).toBe('show')
  window.emit('close')
  await vi.waitFor(async () => expect(await readFile(boundsFile, 'utf8')).toContain('"isMaximized":true'))

  await openWindow({ preloadFile: '/preload.cjs', boundsFile })
  const next = BrowserWindow.opened.at(-1)
  expect(next?.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 })
  next?.emit('ready-to-show')
  expect(next?.calls.slice(-2)).toEqual(['maximize', 'show'])
})

test.each([
  ['a screen that is gone', { x: 4000, y: 0, width: 1000, height: 700, isMaximized: false }],
  ['a title bar above the screen', { x: 0, y: -500, width: 1000, height: 700, isMaximized: false }],
  ['nonsense', { x: 'left' }],
])('forgets %s', async (_what, bounds) => {
  const path = join(folder, 'odd.json')
  await writeFile(path, JSON.stringify(bounds))
  expect(await readBounds(path, screens)).toBeUndefined()
  await writeFile(path, '{')
  expect(await readBounds(path, screens)).toBeUndefined()
  expect(await readBounds(join(folder, 'none.json'), screens)).toBeUndefined()
})

test('a second start brings the window to the front, also when it is minimised', () => {
  const window = new BrowserWindow({})
  window.isHidden = true
  bringToFront(window as unknown as ElectronWindow)
  expect(window.calls).toEqual(['restore', 'show', 'focus'])
})
