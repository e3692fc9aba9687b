import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { testSession } from '../kernel/test-kernel.ts'
import { serveFrames } from './frame-socket.ts'

const MIB = 1_048_576

/** A socket whose buffer the test fills; a real one drains too fast to be seen full. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  bufferedAmount = 0
  isPaused = false
  readonly sent: string[] = []
  readonly closed: number[] = []
  isTerminated = false
  pings = 0
  private flushed: (() => void)[] = []

  send(text: string, done?: () => void): void {
    this.sent.push(text)
    if (done !== undefined) this.flushed.push(done)
  }

  drainTo(bytes: number): void {
    this.bufferedAmount = bytes
    for (const done of this.flushed.splice(0)) done()
  }

  pause = () => {
    this.isPaused = true
  }
  resume = () => {
    this.isPaused = false
  }
  ping = () => {
    this.pings += 1
  }
  close = (code: number) => void this.closed.push(code)
  terminate = () => {
    this.isTerminated = true
  }
}

function setUp() {
  const socket = new FakeSocket()
  const connection = { receive: vi.fn(), close: vi.fn() }
  let answer: (text: string) => void = () => undefined
  const kernel = {
    connect: (_session: unknown, send: (text: string) => void) => {
      answer = send
      return connection
    },
  }
  serveFrames(socket as unknown as WebSocket, kernel, testSession())
  return { socket, connection, answer: (text: string) => answer(text) }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a page that does not read its answers may ask no more until it has', () => {
  const { socket, answer } = setUp()
  answer('one')
  expect(socket.isPaused).toBe(false)
  socket.bufferedAmount = 9 * MIB
  answer('two')
  expect(socket.isPaused).toBe(true)
  socket.drainTo(5 * MIB)
  expect(socket.isPaused).toBe(true)
  answer('three')
  socket.drainTo(MIB)
  expect(socket.isPaused).toBe(false)
})

test('a page that never reads is given up instead of filling the memory', () => {
  const { socket, answer } = setUp()
  socket.bufferedAmount = 65 * MIB
  answer('one')
  expect(socket.closed).toEqual([1013])
})

test('a page that answers pings stays; one that is silent is cut off', () => {
  const { socket } = setUp()
  for (let beat = 1; beat <= 3; beat += 1) {
    vi.advanceTimersByTime(20_000)
    expect([socket.pings, socket.sent.length, socket.isTerminated]).toEqual([beat, beat, false])
    socket.emit('pong')
  }
  // The empty text is for the page, which sees no pings.
  expect(new Set(socket.sent)).toEqual(new Set(['']))
  vi.advanceTimersByTime(40_000)
  expect(socket.isTerminated).toBe(true)
})

test('a closed socket ends its connection and its heartbeat, and is sent nothing', () => {
  const { socket, connection, answer } = setUp()
  socket.emit('message', Buffer.from('frame'), false)
  expect(connection.receive.mock.calls).toEqual([['frame']])
  socket.emit('error', new Error('ECONNRESET'))
  socket.readyState = 3
  socket.emit('close')
  expect(connection.close).toHaveBeenCalledOnce()
  answer('late')
  vi.advanceTimersByTime(60_000)
  expect([socket.sent, socket.pings]).toEqual([[], 0])
})
