import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { MAX_FRAME_LENGTH } from '#shared/wire.ts'
import type { Session } from '../kernel/context.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isSameToken, newAccessToken, offeredToken } from './access-token.ts'
import { serveFrames } from './frame-socket.ts'
import { LaunchTicket } from './launch-ticket.ts'
import { answerPage, LAUNCH_PATH, type PageFolders } from './pages.ts'
import { isOwnOrigin, ownHost } from './request-guard.ts'

/** The kernel refuses long frames with an error; what is many times longer than those does not even reach it. In bytes. */
const MAX_MESSAGE_BYTES = 4 * MAX_FRAME_LENGTH
const SOCKET_PATH = '/host/socket'
/** Close code of our own; the page's bridge knows it. */
const REFUSED = 4401
const GOING_AWAY = 1001
/** What a polite close may take before connections are cut, in ms. */
const CLOSE_PATIENCE_MS = 1_000

export interface WebConsoleOptions {
  kernel: Pick<Kernel, 'connect'>
  /** Called for every page that connects. */
  newSession: () => Session
  folders: PageFolders
  /** 0 takes any free port. */
  port: number
}

export interface WebConsole {
  /** With the token in its fragment: whoever has this address has the console. */
  address: string
  /** Leads a browser there once, within a minute, without naming the token. */
  launchAddress(): string
  close(): Promise<void>
}

/** Serves the page and its frames on 127.0.0.1. Rejects when the port is taken. */
export async function startWebConsole(options: WebConsoleOptions): Promise<WebConsole> {
  const token = newAccessToken()
  const ticket = new LaunchTicket()
  const source = {
    folders: options.folders,
    redeem: (offered: string) => (ticket.redeem(offered) ? `/#token=${token}` : undefined),
  }
  const server = createServer((request, response) => {
    answerPage(request, response, source).catch(() => {
      response.writeHead(500).end('The built page is not there: run npm run build.\n')
    })
  })
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // The offered protocol that holds the token must not be sent back.
    handleProtocols: () => 'tenantry',
  })
  server.on('upgrade', (request, stream, head) => {
    const problem = upgradeProblem(request)
    if (problem !== undefined) return refuseUpgrade(stream, problem)
    sockets.handleUpgrade(request, stream, head, socket => {
      // A browser tells the page nothing about a refused handshake; a close code it does.
      if (isSameToken(token, offeredToken(request.headers['sec-websocket-protocol']))) {
        serveFrames(socket, options.kernel, options.newSession())
      } else socket.close(REFUSED, 'Wrong token')
    })
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/#token=${token}`,
    launchAddress: () => `http://127.0.0.1:${port}${LAUNCH_PATH}${ticket.issue()}`,
    close: () => closeAll(server, sockets),
  }
}

async function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'The console ends.')
  const cut = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
  }, CLOSE_PATIENCE_MS)
  await closed
  clearTimeout(cut)
}

function upgradeProblem(request: IncomingMessage): string | undefined {
  const host = ownHost(request)
  if (host === undefined) return '421 Misdirected Request'
  if (!isOwnOrigin(request, host)) return '403 Forbidden'
  if (request.url !== SOCKET_PATH) return '404 Not Found'
  return undefined
}

const refuseUpgrade = (stream: Duplex, status: string): void => {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
