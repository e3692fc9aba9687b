import type { App, BrowserWindow } from 'electron'
import type { Dialogs } from '../native.ts'

export interface Lifecycle {
  /** Titles of jobs that quitting would cancel. */
  runningJobs(): readonly string[]
  dialogs: Pick<Dialogs, 'confirm' | 'confirmNow'>
  /** Cancels jobs and waits for them, then closes every connection. */
  close(): Promise<void>
}

/**
 * Quitting in order: the person agrees to lose what runs and what is not saved, the window closes, jobs end, connections close, the process ends.
 * The window is the console: closing it is quitting, on every system.
 */
export function quitInOrder(
  app: Pick<App, 'on' | 'quit' | 'exit'>,
  window: Pick<BrowserWindow, 'on' | 'webContents'>,
  lifecycle: Lifecycle,
): void {
  let hasAgreed = false
  let isClosing = false
  const ask = (event: { preventDefault(): void }) => {
    const running = lifecycle.runningJobs()
    if (hasAgreed || running.length === 0) return
    event.preventDefault()
    void agreeToCancel(running, lifecycle.dialogs).then(isAgreed => {
      hasAgreed = isAgreed
      if (isAgreed) app.quit()
    })
  }
  window.on('close', ask)
  window.webContents.on('will-prevent-unload', event => {
    // Here, preventing means to unload nevertheless.
    if (lifecycle.dialogs.confirmNow(UNSAVED)) event.preventDefault()
    // Whoever stays is asked about the jobs again the next time.
    else hasAgreed = false
  })
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', event => {
    event.preventDefault()
    if (isClosing) return
    isClosing = true
    lifecycle.close().then(
      () => app.exit(0),
      () => app.exit(1),
    )
  })
}

/** Electron asks nothing by itself: a page that wants to keep its changes would keep the window open without a word. */
const UNSAVED = {
  message: 'Leave without saving?',
  detail: 'What you changed on this screen has not been saved and will be lost.',
  action: 'Leave without saving',
}

const agreeToCancel = (running: readonly string[], dialogs: Lifecycle['dialogs']): Promise<boolean> =>
  dialogs.confirm({
    message: running.length === 1 ? 'A job is still running.' : `${running.length} jobs are still running.`,
    detail: `Quitting cancels:\n${running.join('\n')}`,
    action: 'Cancel jobs and quit',
  })
