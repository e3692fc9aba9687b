import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, type BrowserWindow, session } from 'electron'
import { registerAppScheme, serveApp } from './electron/app-protocol.ts'
import { serveIpc } from './electron/ipc-transport.ts'
import { quitInOrder } from './electron/lifecycle.ts'
import { setMenu } from './electron/menu.ts'
import { desktopDialogs, desktopNotifications } from './electron/native.ts'
import { denyPermissions, guardAllPages } from './electron/navigation-guard.ts'
import { RunningJobs } from './electron/running-jobs.ts'
import { runSingleInstance } from './electron/single-instance.ts'
import { openWindow } from './electron/window.ts'
import { hostVault } from './handed-secrets.ts'
import { hostPaths } from './host-paths.ts'
import { hostSession } from './host-session.ts'
import { runSchedules } from './schedule-desk.ts'
import { createServices } from './services.ts'

/** The desktop host. What it composes is in `services.ts`; what it forbids is in `electron/`. */

const paths = hostPaths()
let window: BrowserWindow | undefined
const dialogs = desktopDialogs(() => window)

app.enableSandbox()
registerAppScheme()
// The lock of the single instance and the page's storage belong to the data they work with.
const windowData = join(paths.dataDirectory, 'window')
mkdirSync(windowData, { recursive: true, mode: 0o700 })
app.setPath('userData', windowData)

guardAllPages()

runSingleInstance(app, {
  start,
  window: () => window,
  onFailure: error => {
    dialogs.showFailure('Tenantry cannot start', error instanceof Error ? error.message : String(error))
    app.exit(1)
  },
})

async function start(): Promise<void> {
  denyPermissions(session.defaultSession)
  serveApp(paths.rendererDirectory)
  setMenu()
  const services = await createServices({ ...paths, vault: await hostVault() })
  const notifications = desktopNotifications(() => window)
  const jobs = new RunningJobs(services.jobs, notifications)
  serveIpc({ kernel: services.kernel, newSession: () => hostSession('desktop') })
  window = await openWindow({
    preloadFile: join(paths.preloadDirectory, 'index.cjs'),
    boundsFile: join(paths.dataDirectory, 'window.json'),
  })
  const stop = new AbortController()
  const { user, maximumRole } = hostSession('desktop')
  const scheduled = runSchedules(services, {
    host: 'desktop',
    user,
    maximumRole,
    onFailure: ({ environment, problem }) => notifications.show({ title: environment, body: problem }),
    signal: stop.signal,
  })
  const close = async () => {
    stop.abort()
    await scheduled
    await services.close()
  }
  quitInOrder(app, window, { runningJobs: () => jobs.list(), dialogs, close })
}
