import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from './fault.ts'

describe('the fault proxy', () => {
  let echo: Server
  let proxy: FaultProxy

  beforeEach(async () => {
    echo = createServer(socket => {
      socket.on('error', () => undefined)
      socket.pipe(socket)
    })
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    proxy = await startFaultProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port })
  })

  afterEach(() => {
    proxy.close()
    echo.close()
  })

  async function open(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1')
    await once(socket, 'connect')
    // Closing the proxy resets what a test has left open.
    socket.on('error', () => undefined)
    return socket
  }

  async function exchange(socket: Socket, text: string): Promise<string> {
    socket.write(text)
    return String((await once(socket, 'data'))[0])
  }

  const failure = async (socket: Socket): Promise<unknown> => (await once(socket, 'error'))[0]

  test('forwards both ways and passes an orderly end on', async () => {
    const socket = await open()
    expect(await exchange(socket, 'hello')).toBe('hello')
    socket.end('last words')
    expect(String((await once(socket, 'data'))[0])).toBe('last words')
    await once(socket, 'close')
    expect(socket.errored).toBeNull()
  })

  test('cuts open connections with a reset and accepts new ones', async () => {
    const socket = await open()
    await exchange(socket, 'hello')
    const failed = failure(socket)
    proxy.cut()
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
    expect(await exchange(await open(), 'again')).toBe('again')
  })

  test('cuts before a text reaches the server', async () => {
    const socket = await open()
    proxy.cutBefore('COMMIT')
    expect(await exchange(socket, 'BEGIN')).toBe('BEGIN')
    const failed = failure(socket)
    socket.write('COMMIT')
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
  })

  test('refuses new connections until it resumes on the same port', async () => {
    const before = await open()
    await exchange(before, 'hello')
    const { port } = proxy
    proxy.refuse()
    expect(await failure(connect(port, '127.0.0.1'))).toMatchObject({ code: 'ECONNREFUSED' })
    expect(await exchange(before, 'still here')).toBe('still here')
    await proxy.resume()
    expect(proxy.port).toBe(port)
    expect(await exchange(await open(), 'back')).toBe('back')
  })

  test('holds data back while it stalls and forwards it afterwards', async () => {
    const socket = await open()
    await exchange(socket, 'hello')
    proxy.stall()
    let received = ''
    socket.on('data', chunk => {
      received += String(chunk)
    })
    socket.write('held')
    // A second connection is made but stays silent as well: nothing passes.
    const other = await open()
    other.write('held too')
    expect(received).toBe('')
    const arrived = Promise.all([once(socket, 'data'), once(other, 'data')])
    await proxy.resume()
    await arrived
    expect(received).toBe('held')
  })

  test('delays data by at least the given time', async () => {
    const socket = await open()
    proxy.delay(60)
    const began = performance.now()
    await exchange(socket, 'slow')
    // Once on the way to the server and once back; timers may fire a millisecond early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(118)
  })

  test('resets the client when the server cannot be reached', async () => {
    echo.close()
    await once(echo, 'close')
    const socket = await open()
    expect(await failure(socket)).toMatchObject({ code: 'ECONNRESET' })
  })
})
