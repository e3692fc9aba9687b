import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { BRIDGE_CHANNEL } from '#shared/bridge.ts'
import { createTestKernel, testSession } from '../kernel/test-kernel.ts'

vi.mock('electron', () => import('./electron-stub.ts'))
const { WebContents } = await import('./electron-stub.ts')
const { serveIpc } = await import('./ipc-transport.ts')

const OWN = 'app://tenantry/index.html#/tenants'
const call = (id: string, op = 'environments.list') => JSON.stringify({ type: 'call', id, op, input: {} })

async function setUp() {
  const aborted: unknown[] = []
  const started = Promise.withResolvers<void>()
  const backend = await createTestKernel({
    handlers: {
      'environments.list': async () => [],
      'app.info': (_input: never, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          started.resolve()
          signal.addEventListener('abort', () => {
            aborted.push(signal.reason)
            reject(signal.reason)
          })
        }),
    },
  })
  const ipc = new EventEmitter()
  const newSession = vi.fn(() => testSession({ host: 'desktop' }))
  serveIpc({ kernel: backend.kernel, newSession, ipc: ipc as never })
  const send = (sender: InstanceType<typeof WebContents>, text: unknown, frame: object = { parent: null, url: OWN }) =>
    ipc.emit(BRIDGE_CHANNEL, { sender, senderFrame: frame }, text)
  return { backend, send, aborted, newSession, started: started.promise }
}

const answers = (contents: InstanceType<typeof WebContents>) => contents.sent.map(([, text]) => JSON.parse(text))

test('the page’s frames reach the kernel, and its answers the page', async () => {
  const { backend, send, newSession } = await setUp()
  await using _ = backend
  const page = new WebContents()
  send(page, call('1'))
  send(page, call('2'))
  await vi.waitFor(() => expect(answers(page)).toHaveLength(2))
  expect(page.sent[0]).toEqual([BRIDGE_CHANNEL, '{"type":"result","id":"1","value":[]}'])
  expect(newSession).toHaveBeenCalledOnce()
})

test.each([
  ['a frame inside the page', { parent: {}, url: OWN }],
  ['another page in the window', { parent: null, url: 'https://evil.example/' }],
  ['a blank page', { parent: null, url: 'about:blank' }],
  ['a file', { parent: null, url: 'file:///index.html' }],
])('%s is refused with an error, and reaches nothing', async (_who, frame) => {
  const { backend, send, newSession } = await setUp()
  await using _ = backend
  const page = new WebContents()
  const sent: string[] = []
  send(page, call('7'), { ...frame, send: (_channel: string, text: string) => sent.push(text) })
  expect(sent.map(text => JSON.parse(text))).toMatchObject([
    { type: 'error', id: '7', error: { code: 'PERMISSION_DENIED' } },
  ])
  expect(newSession).not.toHaveBeenCalled()
  expect(page.sent).toEqual([])
})

test('a sender that is gone already is ignored', async () => {
  const { backend, send, newSession } = await setUp()
  await using _ = backend
  const page = new WebContents()
  send(page, call('1'), null as unknown as object)
  expect(newSession).not.toHaveBeenCalled()
})

test('what is no text is refused by the kernel', async () => {
  const { backend, send } = await setUp()
  await using _ = backend
  const page = new WebContents()
  send(page, { type: 'call' })
  expect(answers(page)).toMatchObject([{ type: 'error', id: null, error: { code: 'INVALID_INPUT' } }])
})

test.each(['did-navigate', 'destroyed', 'render-process-gone'])('%s cancels what was in flight', async event => {
  const { backend, send, aborted, newSession, started } = await setUp()
  await using _ = backend
  const page = new WebContents()
  send(page, call('1', 'app.info'))
  await started
  page.emit(event)
  await vi.waitFor(() => expect(aborted).toHaveLength(1))
  expect(page.sent).toEqual([])
  // A page that was loaded anew gets a connection of its own, and nothing piles up.
  send(page, call('2'))
  await vi.waitFor(() => expect(answers(page)).toMatchObject([{ type: 'result', id: '2' }]))
  expect(newSession).toHaveBeenCalledTimes(2)
  expect(page.listenerCount('destroyed')).toBe(1)
})

test('nothing is sent to a page that is gone', async () => {
  const { backend, send } = await setUp()
  await using _ = backend
  const page = new WebContents()
  page.isGone = true
  send(page, call('1'))
  const other = new WebContents()
  send(other, call('1'))
  await vi.waitFor(() => expect(answers(other)).toHaveLength(1))
  expect(page.sent).toEqual([])
})
