import { type BrowserWindow, dialog, Notification } from 'electron'
import type { Dialogs, Notifications } from '../native.ts'

/** Tells only what the person does not see anyway: nothing while the window has the focus. */
export const desktopNotifications = (window: () => BrowserWindow | undefined): Notifications => ({
  show: ({ title, body }) => {
    if (window()?.isFocused() === true || !Notification.isSupported()) return
    const notification = new Notification({ title, body })
    notification.on('click', () => window()?.show())
    notification.show()
  },
})

export const desktopDialogs = (window: () => BrowserWindow | undefined): Dialogs => ({
  confirm: async ({ message, detail, action }) => {
    const options = {
      type: 'warning' as const,
      message,
      detail,
      buttons: [action, 'Cancel'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    }
    const parent = window()
    const { response } = await (parent === undefined
      ? dialog.showMessageBox(options)
      : dialog.showMessageBox(parent, options))
    return response === 0
  },
  showFailure: (title, text) => dialog.showErrorBox(title, text),
})
