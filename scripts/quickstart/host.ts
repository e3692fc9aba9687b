import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { hasDisplay } from '../../src/main/server/open-browser.ts'
import { electronRuntime } from '../lib/electron-runtime.ts'
import { projectFolder } from '../lib/install.mjs'
import { step } from '../lib/steps.mjs'
import type { QuickstartOptions } from './options.ts'

/** Where the console shows itself; the sentence says why it is not the window. */
export type Host = { kind: 'window'; electron: string } | { kind: 'web'; sentence?: string }

/** A closed network that drops packets instead of refusing them is recognised after this. In ms. */
const REACH_MS = 3_000
/** About 120 MB. */
const DOWNLOAD_MS = 180_000
const DOWNLOAD_HOST = 'https://github.com'

/** The window where Electron's runtime is or can be had, otherwise the local web console. */
export async function chooseHost(options: QuickstartOptions, signal: AbortSignal): Promise<Host> {
  if (options.isWeb || options.isOnce) return { kind: 'web' }
  const obstacle = windowObstacle()
  if (obstacle !== undefined) return { kind: 'web', sentence: `${obstacle}: the console is a local web page instead.` }
  const present = electronRuntime()
  if (present !== undefined) return { kind: 'window', electron: present }
  const electron = (await isReachable()) ? await download(signal) : undefined
  if (electron !== undefined) return { kind: 'window', electron }
  return {
    kind: 'web',
    sentence: 'Electron’s runtime is not here and cannot be downloaded: the console opens in the browser instead.',
  }
}

function windowObstacle(): string | undefined {
  if (!hasDisplay(process.platform, process.env)) return 'There is no display here'
  // Chromium's sandbox, which the console does not give up, refuses to run as root.
  if (process.platform === 'linux' && process.getuid?.() === 0) return 'Electron’s window does not run as root'
  return undefined
}

/** Whether the server that holds Electron's runtime answers at all. Behind a proxy only trying can tell. */
async function isReachable(): Promise<boolean> {
  if (process.env.HTTPS_PROXY ?? process.env.https_proxy) return true
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? DOWNLOAD_HOST
  const { hostname, port } = new URL(mirror)
  const socket = connect({ host: hostname, port: Number(port || 443) })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(REACH_MS) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Runs the package's own installer; undefined when it does not succeed in time. */
async function download(signal: AbortSignal): Promise<string | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_MS)])
  const installer = join(projectFolder, 'node_modules', 'electron', 'install.js')
  return await step('Download Electron’s runtime (about 120 MB, once)', async report => {
    const child = spawn(process.execPath, [installer], { stdio: 'ignore', signal: limit, killSignal: 'SIGKILL' })
    await once(child, 'close').catch(() => undefined)
    const electron = electronRuntime()
    report(electron === undefined ? 'Electron’s runtime could not be downloaded' : 'Electron’s runtime downloaded')
    return electron
  })
}
