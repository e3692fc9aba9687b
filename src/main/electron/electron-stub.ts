import { EventEmitter } from 'node:events'
import { vi } from 'vitest'

/** For tests: stands in for the `electron` module, which exists inside of its own runtime only. */

class App extends EventEmitter {
  isPackaged = false
  readonly calls: string[] = []
  hasLock = true
  enableSandbox = () => void this.calls.push('enableSandbox')
  setPath = (name: string, path: string) => void this.calls.push(`setPath ${name} ${path}`)
  requestSingleInstanceLock = () => {
    this.calls.push('lock')
    return this.hasLock
  }
  whenReady = () => Promise.resolve()
  quit = vi.fn()
  exit = vi.fn()
}
export const app = new App()

export type ProtocolHandler = (request: Request) => Promise<Response>
export const protocol = {
  registerSchemesAsPrivileged: vi.fn(),
  handle: vi.fn<(scheme: string, handler: ProtocolHandler) => void>(),
}

export const shell = { openExternal: vi.fn(async (_address: string) => undefined) }
export const dialog = {
  showMessageBox: vi.fn(async () => ({ response: 0 })),
  showMessageBoxSync: vi.fn(() => 0),
  showErrorBox: vi.fn(),
}
export const nativeTheme = { shouldUseDarkColors: true }
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }
export const ipcMain = new EventEmitter()
export const Menu = { setApplicationMenu: vi.fn(), buildFromTemplate: vi.fn((template: unknown) => template) }
export const session = { defaultSession: new EventEmitter() }

export class Notification extends EventEmitter {
  static isSupported = () => true
  static shown: object[] = []
  readonly options: object

  constructor(options: object) {
    super()
    this.options = options
  }

  show(): void {
    Notification.shown.push(this.options)
  }
}

/** A page as the guards and the transport see it. */
export class WebContents extends EventEmitter {
  readonly sent: [string, string][] = []
  isGone = false
  openHandler: ((details: { url: string }) => { action: string }) | undefined

  isDestroyed = () => this.isGone
  send = (channel: string, text: string) => void this.sent.push([channel, text])
  setWindowOpenHandler = (handler: (details: { url: string }) => { action: string }) => {
    this.openHandler = handler
  }
}

export class BrowserWindow extends EventEmitter {
  static opened: BrowserWindow[] = []
  readonly options: Record<string, unknown>
  readonly calls: string[] = []
  isHidden = false

  constructor(options: Record<string, unknown>) {
    super()
    this.options = options
    BrowserWindow.opened.push(this)
  }

  loadURL = async (address: string) => void this.calls.push(`load ${address}`)
  show = () => void this.calls.push('show')
  focus = () => void this.calls.push('focus')
  maximize = () => void this.calls.push('maximize')
  restore = () => void this.calls.push('restore')
  isMinimized = () => this.isHidden
  isMaximized = () => true
  isFocused = () => false
  getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 })
}
