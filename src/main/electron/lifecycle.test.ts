import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { JobListener } from '../kernel/jobs.ts'
import { quitInOrder } from './lifecycle.ts'

vi.mock('electron', () => import('./electron-stub.ts'))
const { Notification } = await import('./electron-stub.ts')
const { menuTemplate } = await import('./menu.ts')
const { desktopDialogs, desktopNotifications } = await import('./native.ts')
const { RunningJobs } = await import('./running-jobs.ts')

function setUp(running: string[], isAgreed: boolean) {
  const window = Object.assign(new EventEmitter(), { webContents: new EventEmitter() })
  const app = Object.assign(new EventEmitter(), { quit: vi.fn(), exit: vi.fn() })
  const confirm = vi.fn(async () => isAgreed)
  const confirmNow = vi.fn(() => isAgreed)
  const close = vi.fn(async () => undefined)
  const dialogs = { confirm, confirmNow }
  quitInOrder(app as never, window as never, { runningJobs: () => running, dialogs, close })
  const emit = (from: EventEmitter, name: string) => {
    const event = { preventDefault: vi.fn() }
    from.emit(name, event)
    return event.preventDefault.mock.calls.length > 0
  }
  return { app, window, confirm, confirmNow, close, emit }
}

test('without running jobs the window closes, services close, then the process ends', async () => {
  const { app, window, confirm, close, emit } = setUp([], false)
  expect(emit(window, 'close')).toBe(false)
  emit(app, 'window-all-closed')
  expect(app.quit).toHaveBeenCalledOnce()
  expect(emit(app, 'will-quit')).toBe(true)
  expect(emit(app, 'will-quit')).toBe(true)
  await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(0))
  expect(close).toHaveBeenCalledOnce()
  expect(confirm).not.toHaveBeenCalled()
})

test('running jobs are named, and the window stays until the person agrees', async () => {
  const staying = setUp(['Provision a tenant · Acme'], false)
  expect(staying.emit(staying.window, 'close')).toBe(true)
  await vi.waitFor(() => expect(staying.confirm).toHaveBeenCalledOnce())
  expect(staying.confirm.mock.calls).toMatchObject([[{ detail: expect.stringContaining('Acme') }]])
  expect(staying.app.quit).not.toHaveBeenCalled()

  const leaving = setUp(['Provision a tenant · Acme'], true)
  leaving.emit(leaving.window, 'close')
  await vi.waitFor(() => expect(leaving.app.quit).toHaveBeenCalledOnce())
  expect(leaving.emit(leaving.window, 'close')).toBe(false)
})

test('a page with unsaved changes is left only when the person agrees', () => {
  const staying = setUp([], false)
  expect(staying.emit(staying.window.webContents, 'will-prevent-unload')).toBe(false)
  expect(staying.confirmNow.mock.calls).toMatchObject([[{ action: 'Leave without saving' }]])
  const leaving = setUp([], true)
  expect(leaving.emit(leaving.window.webContents, 'will-prevent-unload')).toBe(true)
})

test('whoever keeps unsaved changes is asked about running jobs again', async () => {
  const { app, window, confirm, confirmNow, emit } = setUp(['Provision a tenant · Acme'], true)
  emit(window, 'close')
  await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce())
  confirmNow.mockReturnValueOnce(false)
  emit(window.webContents, 'will-prevent-unload')
  expect(emit(window, 'close')).toBe(true)
  expect(confirm).toHaveBeenCalledTimes(2)
})

test('a failure while closing shows in the exit code', async () => {
  const { app, close, emit } = setUp([], false)
  close.mockRejectedValueOnce(new Error('A pool did not close.'))
  emit(app, 'will-quit')
  await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(1))
})

test('the end of a job is told outside of the window, once', () => {
  let tell: JobListener = () => undefined
  const show = vi.fn()
  const subscribe = (listener: JobListener) => {
    tell = listener
    return () => undefined
  }
  const jobs = new RunningJobs({ subscribe }, { show })
  const job = { id: '1', title: 'Provision a tenant · Acme', state: 'running' } as JobSnapshot
  tell(job)
  expect(jobs.list()).toEqual(['Provision a tenant · Acme'])
  tell({ ...job, state: 'failed' })
  tell({ ...job, state: 'failed' })
  expect(jobs.list()).toEqual([])
  expect(show.mock.calls).toEqual([[{ title: 'Failed', body: 'Provision a tenant · Acme' }]])
})

test('a notification is shown only while the window is out of sight', () => {
  const window = { isFocused: () => true, show: () => undefined }
  desktopNotifications(() => window as never).show({ title: 'Done', body: 'x' })
  expect(Notification.shown).toEqual([])
  desktopNotifications(() => undefined).show({ title: 'Done', body: 'x' })
  expect(Notification.shown).toEqual([{ title: 'Done', body: 'x' }])
})

test('the first button of a question acts, Cancel is the default', async () => {
  const { dialog } = await import('./electron-stub.ts')
  const question = { message: 'Quit?', detail: 'A job runs.', action: 'Quit' }
  expect(await desktopDialogs(() => undefined).confirm(question)).toBe(true)
  expect(dialog.showMessageBox.mock.calls).toMatchObject([[{ buttons: ['Quit', 'Cancel'], defaultId: 1, cancelId: 1 }]])
  dialog.showMessageBox.mockResolvedValueOnce({ response: 1 })
  expect(await desktopDialogs(() => undefined).confirm(question)).toBe(false)
  expect(desktopDialogs(() => undefined).confirmNow(question)).toBe(true)
  expect(dialog.showMessageBoxSync.mock.calls).toEqual(dialog.showMessageBox.mock.calls.slice(0, 1))
  dialog.showMessageBoxSync.mockReturnValueOnce(1)
  expect(desktopDialogs(() => undefined).confirmNow(question)).toBe(false)
})

test('developer tools are in the menu of a development build only', () => {
  expect(JSON.stringify(menuTemplate('linux', false))).toContain('toggleDevTools')
  expect(JSON.stringify(menuTemplate('linux', true))).not.toContain('toggleDevTools')
  expect(menuTemplate('darwin', true)[0]).toEqual({ role: 'appMenu' })
})
