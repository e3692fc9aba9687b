import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createTestKernel, type TestKernel, testSession } from '../kernel/test-kernel.ts'
import { startWebConsole, type WebConsole } from './web-console.ts'

let folder: string
let backend: TestKernel
let webConsole: WebConsole
let aborted: Promise<void>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-web-'))
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true })
  await mkdir(join(folder, 'preload'))
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html><head><title>T</title></head><body></body>')
  await writeFile(join(folder, 'renderer', 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'preload', 'index.cjs'), 'require("electron")')
  await writeFile(join(folder, 'preload', 'web-bridge.cjs'), '/* bridge */')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  const hung = Promise.withResolvers<void>()
  aborted = hung.promise
  backend = await createTestKernel({
    handlers: {
      'environments.list': async () => [],
      'app.info': (_input: never, { signal }: { signal: AbortSignal }) =>
        new Promise(resolve => {
          signal.addEventListener('abort', () => {
            hung.resolve()
            resolve({})
          })
        }),
    },
  })
  webConsole = await startWebConsole({
    kernel: backend.kernel,
    newSession: () => testSession({ host: 'web' }),
    folders: { rendererDirectory: join(folder, 'renderer'), preloadDirectory: join(folder, 'preload') },
    port: 0,
  })
})

afterEach(async () => {
  await webConsole.close()
  await backend[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const address = () => new URL(webConsole.address)
const token = () => address().hash.slice('#token='.length)

interface Reply {
  status: number | undefined
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** `fetch` would tidy up paths and hosts that are wrong on purpose. */
function get(path: string, options: { host?: string; method?: string } = {}): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const headers = options.host === undefined ? {} : { Host: options.host }
  const call = request({ port: address().port, host: '127.0.0.1', path, headers, method: options.method ?? 'GET' })
  call.on('response', async response => {
    const body = (await response.toArray()).join('')
    resolve({ status: response.statusCode, headers: response.headers, body })
  })
  call.on('error', reject)
  call.end()
  return promise
}

interface Dial {
  token?: string
  origin?: string
  host?: string
}

function dial(change: Dial = {}): WebSocket {
  const origin = change.origin ?? address().origin
  const headers = change.host === undefined ? {} : { Host: change.host }
  const protocols = ['tenantry', `token.${change.token ?? token()}`]
  return new WebSocket(`ws://${address().host}/host/socket`, protocols, { origin, headers })
}

async function call(socket: WebSocket, frame: object): Promise<Record<string, unknown>> {
  socket.send(JSON.stringify(frame))
  for (;;) {
    const [data] = await once(socket, 'message')
    if (String(data) !== '') return JSON.parse(String(data))
  }
}

test('the address names loopback and carries 32 random bytes in its fragment only', () => {
  expect(address().hostname).toBe('127.0.0.1')
  expect(address().search).toBe('')
  expect(Buffer.from(token(), 'base64url')).toHaveLength(32)
})

test('the page gets the host scripts before its own, and a policy without unsafe scripts', async () => {
  const page = await get('/')
  expect(page.status).toBe(200)
  expect(page.body).toContain('<head><script src="/host/bridge.js"></script><script src="/host/preload.js"></script>')
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain(`connect-src 'self' ws://${address().host};`)
  expect(page.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
})

test('the built preload is served as a function that the bridge calls', async () => {
  const script = await get('/host/preload.js')
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(script.body).toBe('tenantryHost.runPreload(function (require, module, exports) {\nrequire("electron")\n})\n')
  expect((await get('/host/bridge.js')).body).toBe('(function () {\n/* bridge */\n})()\n')
})

test('a page without the token is told how to open the console', async () => {
  const page = await get('/host/refused')
  expect(page.status).toBe(403)
  expect(page.body).toContain('npm run web')
})

test('hashed assets may be cached for good', async () => {
  const asset = await get('/assets/app-1a2b.js')
  expect(asset.body).toBe('export {}')
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%5c..%5c..%5csecret.txt',
  '/%00',
  '/%',
])('nothing outside of the page is served: %s', async path => {
  const reply = await get(path)
  expect(reply.status).toBe(404)
  expect(reply.body).not.toContain('secret')
})

test('a name that is not the console’s is refused (DNS rebinding)', async () => {
  expect((await get('/', { host: 'evil.example' })).status).toBe(421)
  expect((await get('/', { host: '127.0.0.1.evil.example' })).status).toBe(421)
  expect((await get('/', { host: 'localhost:8080' })).status).toBe(200)
})

test('only GET and HEAD are answered', async () => {
  expect((await get('/', { method: 'POST' })).status).toBe(405)
  const head = await get('/', { method: 'HEAD' })
  expect([head.status, head.body]).toEqual([200, ''])
})

test('a page with the token talks to the kernel, and the token does not come back', async () => {
  const socket = dial()
  await once(socket, 'open')
  expect(socket.protocol).toBe('tenantry')
  expect(await call(socket, { type: 'call', id: '1', op: 'environments.list' })).toEqual({
    type: 'result',
    id: '1',
    value: [],
  })
})

test.each(['', 'x'.repeat(43)])('a wrong token is closed with a code of its own: "%s"', async wrong => {
  const socket = dial({ token: wrong })
  socket.once('open', () => socket.send('{"type":"call","id":"1","op":"environments.list"}'))
  let answers = 0
  socket.on('message', () => {
    answers += 1
  })
  const [code] = await once(socket, 'close')
  expect([code, answers]).toEqual([4401, 0])
})

test.each([
  ['a page of another origin', { origin: 'http://evil.example' }, 403],
  ['another program on this machine', { origin: 'http://127.0.0.1:1' }, 403],
  ['a name that is not ours', { host: 'evil.example', origin: 'http://evil.example' }, 421],
])('no socket is opened for %s, even with the token', async (_who, change, status) => {
  const socket = dial(change)
  const [error] = await once(socket, 'error')
  expect(String(error)).toContain(String(status))
})

test('an oversized message ends the socket, a binary one too; others go on', async () => {
  const other = dial()
  await once(other, 'open')
  const huge = dial()
  await once(huge, 'open')
  huge.send('x'.repeat(5 * 1_048_576))
  expect((await once(huge, 'close'))[0]).toBe(1009)
  const binary = dial()
  await once(binary, 'open')
  binary.send(Buffer.from('{}'))
  expect((await once(binary, 'close'))[0]).toBe(1003)
  const tooLong = JSON.stringify({ type: 'call', id: '2', op: 'environments.list', input: 'x'.repeat(1_048_576) })
  other.send(tooLong)
  const [data] = await once(other, 'message')
  expect(JSON.parse(String(data))).toMatchObject({ type: 'error', id: '2', error: { code: 'INVALID_INPUT' } })
})

test('what a page had in flight is cancelled when it goes away', async () => {
  const socket = dial()
  await once(socket, 'open')
  socket.send('{"type":"call","id":"1","op":"app.info"}')
  expect(await call(socket, { type: 'call', id: '2', op: 'environments.list' })).toMatchObject({ id: '2' })
  socket.terminate()
  await aborted
})

test('a launch address leads to the page once, then never again', async () => {
  const launch = new URL(webConsole.launchAddress())
  expect(launch.href).not.toContain(token())
  const first = await get(launch.pathname)
  expect([first.status, first.headers.location]).toEqual([303, `/#token=${token()}`])
  expect((await get(launch.pathname)).status).toBe(410)
  expect((await get('/host/open/')).status).toBe(410)
})

test('closing ends open pages with “going away”', async () => {
  const socket = dial()
  await once(socket, 'open')
  const closed = once(socket, 'close')
  await webConsole.close()
  expect((await closed)[0]).toBe(1001)
  webConsole = { ...webConsole, close: async () => undefined }
})

test('a taken port is an error', async () => {
  const options = { kernel: backend.kernel, newSession: testSession, port: Number(address().port) }
  const folders = { rendererDirectory: folder, preloadDirectory: folder }
  await expect(startWebConsole({ ...options, folders })).rejects.toThrow('EADDRINUSE')
})
