import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { ProtocolHandler } from './electron-stub.ts'

vi.mock('electron', () => import('./electron-stub.ts'))
const { protocol } = await import('./electron-stub.ts')
const { registerAppScheme, serveApp } = await import('./app-protocol.ts')
const { isOwnAddress } = await import('./origin.ts')

let folder: string
let handler: ProtocolHandler | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-app-'))
  await mkdir(join(folder, 'renderer', 'assets'), { recursive: true })
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html>')
  await writeFile(join(folder, 'renderer', 'assets', 'app.js'), 'export {}')
  await writeFile(join(folder, 'renderer', 'assets', 'app.css'), 'a{}')
  await writeFile(join(folder, 'renderer', 'assets', 'inter.woff2'), 'font')
  await writeFile(join(folder, 'renderer', 'assets', 'run.exe'), 'program')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await symlink(join(folder, 'secret.txt'), join(folder, 'renderer', 'link.txt'))
  serveApp(join(folder, 'renderer'))
  handler = protocol.handle.mock.calls.at(-1)?.[1]
})
afterAll(() => rm(folder, { recursive: true }))

function ask(address: string, method = 'GET'): Promise<Response> {
  if (handler === undefined) throw new Error('No handler was registered.')
  return handler({ url: address, method } as Request)
}

test('the scheme is a standard and secure one, and nothing more', () => {
  registerAppScheme()
  expect(protocol.registerSchemesAsPrivileged.mock.calls).toEqual([
    [[{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]],
  ])
})

test.each([
  ['/index.html', 'text/html; charset=utf-8'],
  ['/', 'text/html; charset=utf-8'],
  ['/assets/app.js', 'text/javascript; charset=utf-8'],
  ['/assets/app.js?v=1', 'text/javascript; charset=utf-8'],
  ['/assets/app.css', 'text/css; charset=utf-8'],
  ['/assets/inter.woff2', 'font/woff2'],
])('%s is served as %s, with the policy', async (path, type) => {
  const response = await ask(`app://tenantry${path}`)
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, type])
  const policy = response.headers.get('Content-Security-Policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("connect-src 'none'")
  expect(policy).toContain("style-src 'self' 'unsafe-inline'")
  expect(policy.split('; ').find(part => part.startsWith('script-src'))).toBe("script-src 'self'")
  expect(policy.match(/unsafe-/g)).toHaveLength(1)
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
})

test.each([
  'app://tenantry/../secret.txt',
  'app://tenantry/%2e%2e/secret.txt',
  'app://tenantry/..%2fsecret.txt',
  'app://tenantry/assets/..%5c..%5csecret.txt',
  'app://tenantry/link.txt',
  'app://tenantry/secret.txt',
  'app://tenantry/assets',
  'app://tenantry/assets/run.exe',
  'app://other/index.html',
  'app://user@tenantry/index.html',
])('is not there: %s', async address => {
  const response = await ask(address)
  expect([response.status, await response.text()]).toEqual([404, ''])
})

test('only GET is answered', async () => {
  expect((await ask('app://tenantry/index.html', 'POST')).status).toBe(405)
})

test('our own origin is told apart from what looks like it', () => {
  expect(isOwnAddress('app://tenantry/index.html#/tenants')).toBe(true)
  for (const other of ['app://tenantry.evil/', 'https://tenantry/', 'app://tenantry:1/', 'about:blank', '']) {
    expect(isOwnAddress(other), other).toBe(false)
  }
})
