import type { BrowserWindow as ElectronWindow } from 'electron'
import { expect, test, vi } from 'vitest'

vi.mock('electron', () => import('./electron-stub.ts'))
const { app, BrowserWindow } = await import('./electron-stub.ts')
const { runSingleInstance } = await import('./single-instance.ts')

test('the first instance starts, and a second start brings its window to the front', async () => {
  const window = new BrowserWindow({})
  const start = vi.fn(async () => undefined)
  runSingleInstance(app as never, { start, window: () => window as unknown as ElectronWindow, onFailure: vi.fn() })
  await vi.waitFor(() => expect(start).toHaveBeenCalledOnce())
  app.emit('second-instance')
  expect(window.calls).toEqual(['show', 'focus'])
})

test('a second instance quits without starting anything', async () => {
  app.hasLock = false
  app.quit.mockClear()
  const start = vi.fn(async () => undefined)
  runSingleInstance(app as never, { start, window: () => undefined, onFailure: vi.fn() })
  await app.whenReady()
  expect(start).not.toHaveBeenCalled()
  expect(app.quit).toHaveBeenCalledOnce()
  app.hasLock = true
})

test('a failure to start is told', async () => {
  const failure = new Error('The data folder cannot be read.')
  const onFailure = vi.fn()
  runSingleInstance(app as never, { start: () => Promise.reject(failure), window: () => undefined, onFailure })
  await vi.waitFor(() => expect(onFailure).toHaveBeenCalledWith(failure))
})
