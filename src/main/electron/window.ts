import { app, BrowserWindow, type BrowserWindowConstructorOptions, nativeTheme, screen } from 'electron'
import { APP_URL } from './origin.ts'
import { readBounds, type WindowBounds, writeBounds } from './window-bounds.ts'

const DEFAULT_SIZE = { width: 1280, height: 800 }
/** Painted until the page is there; the page's own background in each theme. */
const BACKGROUND = { dark: '#1b1c1f', light: '#ffffff' }

export interface WindowSettings {
  /** The built preload script. */
  preloadFile: string
  bounds: WindowBounds | undefined
  isDark: boolean
  hasDevTools: boolean
}

/** Every protection that Electron offers is named here, also where it is the default: a default may change. */
export function windowOptions(settings: WindowSettings): BrowserWindowConstructorOptions {
  const { x, y, width, height } = settings.bounds ?? { ...DEFAULT_SIZE, x: undefined, y: undefined }
  return {
    width,
    height,
    ...(x === undefined || y === undefined ? {} : { x, y }),
    minWidth: 900,
    minHeight: 600,
    title: 'Tenantry',
    show: false,
    autoHideMenuBar: true,
    backgroundColor: settings.isDark ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: settings.preloadFile,
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
      devTools: settings.hasDevTools,
    },
  }
}

/** Opens the window where it was closed last, and shows it once there is something to see. */
export async function openWindow(files: { preloadFile: string; boundsFile: string }): Promise<BrowserWindow> {
  const screens = screen.getAllDisplays().map(display => display.workArea)
  const bounds = await readBounds(files.boundsFile, screens)
  const isDark = nativeTheme.shouldUseDarkColors
  const { preloadFile } = files
  const window = new BrowserWindow(windowOptions({ preloadFile, bounds, isDark, hasDevTools: !app.isPackaged }))
  window.once('ready-to-show', () => {
    if (bounds?.isMaximized === true) window.maximize()
    window.show()
  })
  window.on('close', () => {
    const isMaximized = window.isMaximized()
    // The place of the window is no reason to keep it open.
    void writeBounds(files.boundsFile, { ...window.getNormalBounds(), isMaximized }).catch(() => undefined)
  })
  await window.loadURL(APP_URL)
  return window
}

/** For a second start: the person wants to see the console that runs already. */
export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
