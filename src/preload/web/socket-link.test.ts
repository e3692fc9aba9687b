import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ServerFrame } from '#shared/wire.ts'
import { REFUSED, type Socket, SocketLink } from './socket-link.ts'

class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  readonly sent: string[] = []
  isClosed = false

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.isClosed = true
  }
}

const call = (id: string) => `{"type":"call","id":"${id}","op":"app.info","input":{}}`
const cancel = (id: string) => `{"type":"cancel","id":"${id}"}`
const result = (id: string) => `{"type":"result","id":"${id}","value":1}`
const LONGEST_RETRY = 5_000

function setUp() {
  const sockets: FakeSocket[] = []
  const received: ServerFrame[] = []
  const refused = vi.fn()
  const connect = () => {
    const socket = new FakeSocket()
    sockets.push(socket)
    return socket
  }
  const link = new SocketLink({ connect, onFrame: frame => received.push(JSON.parse(frame)), onRefused: refused })
  const socket = () => {
    const latest = sockets.at(-1)
    if (latest === undefined) throw new Error('The link has made no socket.')
    return latest
  }
  return { link, sockets, received, refused, socket }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('frames sent before the socket opens go out in order when it does', () => {
  const { link, socket } = setUp()
  link.send(call('1'))
  link.send(call('2'))
  expect(socket().sent).toEqual([])
  socket().onopen?.()
  expect(socket().sent).toEqual([call('1'), call('2')])
})

test('calls in flight are answered when the socket drops, answered ones are not', async () => {
  const { link, received, socket } = setUp()
  socket().onopen?.()
  link.send(call('1'))
  link.send(call('2'))
  socket().onmessage?.({ data: '{"type":"event","id":"2","value":0}' })
  socket().onmessage?.({ data: result('1') })
  socket().onclose?.({ code: 1006 })
  await vi.advanceTimersByTimeAsync(0)
  expect(received.map(frame => [frame.type, frame.id])).toEqual([
    ['event', '2'],
    ['result', '1'],
    ['error', '2'],
  ])
  expect(received.at(-1)).toMatchObject({ error: { code: 'CONNECTION_FAILED', retryable: true } })
})

test('comes back after a drop, waiting longer each time, and works again', async () => {
  const { link, sockets, received, socket } = setUp()
  socket().onopen?.()
  const waits: number[] = []
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const before = Date.now()
    const count = sockets.length
    socket().onclose?.({ code: 1006 })
    while (sockets.length === count) await vi.advanceTimersByTimeAsync(10)
    waits.push(Date.now() - before)
  }
  expect(waits[0]).toBeLessThanOrEqual(260)
  expect(waits.at(-1)).toBeLessThanOrEqual(LONGEST_RETRY + 10)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(LONGEST_RETRY * 0.75)
  link.send(call('1'))
  socket().onopen?.()
  socket().onmessage?.({ data: result('1') })
  expect(received).toEqual([{ type: 'result', id: '1', value: 1 }])
})

test('a call made while the console is away fails after ten seconds', async () => {
  const { link, received } = setUp()
  link.send(call('1'))
  await vi.advanceTimersByTimeAsync(9_000)
  expect(received).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(received).toMatchObject([{ type: 'error', id: '1', error: { code: 'CONNECTION_FAILED' } }])
})

test('a queued call can be cancelled and is then never sent', async () => {
  const { link, received, socket } = setUp()
  link.send(call('1'))
  link.send(cancel('1'))
  await vi.advanceTimersByTimeAsync(0)
  socket().onopen?.()
  expect(received).toMatchObject([{ type: 'error', id: '1', error: { code: 'CANCELLED' } }])
  expect(socket().sent).toEqual([])
})

test('what waits is bounded', async () => {
  const { link, received, socket } = setUp()
  for (let id = 0; id < 257; id += 1) link.send(call(String(id)))
  await vi.advanceTimersByTimeAsync(0)
  expect(received).toMatchObject([{ type: 'error', id: '256', error: { code: 'CONNECTION_FAILED' } }])
  socket().onopen?.()
  expect(socket().sent).toHaveLength(256)
})

test('a link that falls silent is dropped; heartbeats keep it and reach nobody', async () => {
  const { link, sockets, received, socket } = setUp()
  const first = socket()
  first.onopen?.()
  link.send(call('1'))
  for (let beat = 0; beat < 5; beat += 1) {
    await vi.advanceTimersByTimeAsync(20_000)
    first.onmessage?.({ data: '' })
  }
  expect([sockets.length, received.length]).toEqual([1, 0])
  await vi.advanceTimersByTimeAsync(51_000)
  expect(first.isClosed).toBe(true)
  expect(received).toMatchObject([{ type: 'error', id: '1', error: { code: 'CONNECTION_FAILED' } }])
  expect(sockets.length).toBeGreaterThan(1)
})

test('a refused token ends the link: no more attempts, every call is answered', async () => {
  const { link, sockets, received, refused, socket } = setUp()
  link.send(call('1'))
  socket().onclose?.({ code: REFUSED })
  link.send(call('2'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(refused).toHaveBeenCalledOnce()
  expect(sockets).toHaveLength(1)
  expect(received.map(frame => [frame.id, frame.type])).toEqual([
    ['1', 'error'],
    ['2', 'error'],
  ])
  expect(received).toMatchObject([{ error: { code: 'PERMISSION_DENIED' } }, { error: { code: 'PERMISSION_DENIED' } }])
})
