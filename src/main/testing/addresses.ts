import { createServer } from 'node:net'

/** Reserved: no name service ever knows it (RFC 2606). */
export const UNKNOWN_HOST = 'no-such-host.invalid'

/** A port of this machine on which nothing listens: one that was free a moment ago. */
export async function closedPort(): Promise<number> {
  const listening = await listen()
  await listening.close()
  return listening.port
}

export interface Listening {
  port: number
  close(): Promise<void>
}

/** A server that accepts connections and never says a word. */
export const silentServer = (): Promise<Listening> => listen()

async function listen(): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  const ready = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', ready.resolve)
  await ready.promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    const closed = Promise.withResolvers<void>()
    server.close(() => closed.resolve())
    await closed.promise
  }
  return { port: address.port, close }
}
