import type { App, BrowserWindow } from 'electron'
import { bringToFront } from './window.ts'

export interface Instance {
  /** Runs when the app is ready, in the first instance only. */
  start(): Promise<void>
  window(): BrowserWindow | undefined
  onFailure(error: unknown): void
}

type AppEvents = Pick<App, 'requestSingleInstanceLock' | 'quit' | 'on' | 'whenReady'>

/** Two consoles over the same data would each show half of the jobs: a second start shows the window of the first. */
export function runSingleInstance(app: AppEvents, instance: Instance): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.on('second-instance', () => {
    const window = instance.window()
    if (window !== undefined) bringToFront(window)
  })
  app
    .whenReady()
    .then(() => instance.start())
    .catch((error: unknown) => instance.onFailure(error))
}
