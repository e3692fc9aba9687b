import { BRIDGE_CHANNEL } from '#shared/bridge.ts'
import { ElectronStandIn } from './electron-stand-in.ts'
import { SocketLink } from './socket-link.ts'
import { takeToken } from './token.ts'

/**
 * Runs in the page of the local web console before everything else, and then runs the desktop's own preload with a stand-in
 * for Electron: page and preload are the same in both hosts.
 */

/** A plain text of the server that says how to open the console. */
const showRefusal = (): void => location.replace('/host/refused')

type Require = (name: string) => unknown
type Preload = (require: Require, module: object, exports: object) => void

function install(token: string): void {
  const standIn = new ElectronStandIn()
  const link = new SocketLink({
    // The token travels as a subprotocol: unlike an address it is in no log.
    connect: () => new WebSocket(`ws://${location.host}/host/socket`, ['tenantry', `token.${token}`]),
    onFrame: frame => standIn.emit(BRIDGE_CHANNEL, frame),
    onRefused: showRefusal,
  })
  const electron = standIn.modules(window, link)
  const require = (name: string) => {
    if (name === 'electron') return electron
    throw new Error(`A preload cannot require ${name}`)
  }
  // The server wraps the built preload in a call of this function; see src/main/server/pages.ts.
  const runPreload = (preload: Preload) => {
    Reflect.deleteProperty(window, 'tenantryHost')
    const module = { exports: {} }
    preload(require, module, module.exports)
  }
  Object.defineProperty(window, 'tenantryHost', { value: { runPreload }, configurable: true })
}

const token = takeToken(window)
if (token === undefined) showRefusal()
else install(token)
