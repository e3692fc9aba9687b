import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** The message with which a PostgreSQL client asks for TLS, 8 bytes: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** The door of a real PostgreSQL server, except that it answers a wish for TLS as a server without certificate does. */
export async function withoutTls(target: { host: string; port: number }): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.once('data', first => {
      const isRequest = first.equals(SSL_REQUEST)
      if (isRequest) client.write('N')
      else upstream.write(first)
      client.pipe(upstream)
    })
    upstream.pipe(client)
    client.on('close', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port')
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: address.port, close }
}
