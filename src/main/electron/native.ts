import { type BrowserWindow, dialog, Notification } from 'electron'
import type { Dialogs, Notifications, Question } from '../native.ts'

/** Tells only what the person does not see anyway: nothing while the window has the focus. */
export const desktopNotifications = (window: () => BrowserWindow | undefined): Notifications => ({
  show: ({ title, body }) => {
    if (window()?.isFocused() === true || !Notification.isSupported()) return
    const notification = new Notification({ title, body })
    notification.on('click', () => window()?.show())
    notification.show()
  },
})

const choices = ({ message, detail, action }: Question) => ({
  type: 'warning' as const,
  message,
  detail,
  buttons: [action, 'Cancel'],
  defaultId: 1,
  cancelId: 1,
  noLink: true,
})

export const desktopDialogs = (window: () => BrowserWindow | undefined): Dialogs => ({
  confirm: async question => {
    const options = choices(question)
    const parent = window()
    const { response } = await (parent === undefined
      ? dialog.showMessageBox(options)
      : dialog.showMessageBox(parent, options))
    return response === 0
  },
  confirmNow: question => {
    const options = choices(question)
    const parent = window()
    const response =
      parent === undefined ? dialog.showMessageBoxSync(options) : dialog.showMessageBoxSync(parent, options)
    return response === 0
  },
  showFailure: (title, text) => dialog.showErrorBox(title, text),
})
