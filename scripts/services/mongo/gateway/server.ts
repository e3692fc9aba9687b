import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Authentication } from './authentication.ts'
import type { Connection, Gateway } from './context.ts'
import { Cursors } from './cursors.ts'
import { dispatch } from './dispatch.ts'
import { Engine } from './engine.ts'
import { Transactions } from './transactions.ts'
import { encodeReply, MessageReader, parseRequest } from './wire.ts'

/** Serves the MongoDB wire protocol on loopback in front of a DocumentDB engine; returns the port. */
export async function serve(engineUrl: string, port: number): Promise<number> {
  const engine = new Engine(engineUrl)
  const gateway: Gateway = {
    engine,
    cursors: new Cursors(),
    transactions: new Transactions(engine),
    connections: new Set(),
  }
  let accepted = 0
  const server: Server = createServer(socket => {
    accepted += 1
    accept(gateway, socket, accepted)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const CANCEL_INTERVAL_MS = 200

function accept(gateway: Gateway, socket: Socket, id: number): void {
  const connection: Connection = {
    id,
    authentication: new Authentication(gateway.engine),
    isClosed: false,
    working: new Set(),
  }
  gateway.connections.add(connection)
  const reader = new MessageReader()
  // A connection's commands are answered one after the other, in the order they came.
  let queue = Promise.resolve()
  const fail = (error: Error): void => {
    console.error(`connection ${id}: ${error.message}`)
    socket.destroy()
  }
  socket.setNoDelay(true)
  socket.on('error', fail)
  socket.on('close', () => {
    connection.isClosed = true
    gateway.connections.delete(connection)
    // Like MongoDB: work for a client that has gone is interrupted.
    interrupt(gateway, connection).catch(fail)
  })
  socket.on('data', chunk => {
    try {
      for (const message of reader.push(chunk)) {
        queue = queue.then(() => answer({ gateway, connection, socket }, message)).catch(fail)
      }
    } catch (error) {
      fail(error as Error)
    }
  })
}

/** A cancel that arrives between two statements of the same command is lost, so it is repeated until the work has ended. */
async function interrupt(gateway: Gateway, connection: Connection): Promise<void> {
  while (connection.working.size > 0) {
    for (const processId of connection.working) await gateway.engine.cancel(processId)
    await pause(CANCEL_INTERVAL_MS)
  }
}

async function answer(
  client: { gateway: Gateway; connection: Connection; socket: Socket },
  message: Buffer,
): Promise<void> {
  const request = parseRequest(message)
  const reply = await dispatch(client.gateway, client.connection, request)
  if (request.expectsReply && !client.connection.isClosed) client.socket.write(encodeReply(request, reply))
}
