import { launchElectron } from '../support/launch-electron.ts'
import { expect, test } from './electron-app.ts'

test('a second start ends at once and brings the first window to the front', async ({ app, page, dataDirectory }) => {
  await page.bringToFront()
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize())
  // The second instance quits before Playwright can attach, so its launch fails.
  await expect(launchElectron(dataDirectory)).rejects.toThrow()
  const isShown = () =>
    app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0]
      return window?.isMinimized() === false && window.isVisible()
    })
  await expect.poll(isShown).toBe(true)
  expect(app.windows()).toHaveLength(1)
})

test('the window opens where it was closed', async ({ dataDirectory }) => {
  const place = { x: 60, y: 40, width: 1000, height: 700 }
  const first = await launchElectron(dataDirectory)
  await first.firstWindow()
  await first.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), place)
  await first.close()
  const second = await launchElectron(dataDirectory)
  await second.firstWindow()
  const bounds = await second.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds())
  await second.close()
  expect(bounds).toMatchObject({ width: place.width, height: place.height })
})
