import type { WebContents as ElectronContents, Session } from 'electron'
import { beforeEach, expect, test, vi } from 'vitest'

vi.mock('electron', () => import('./electron-stub.ts'))
const { app, shell, WebContents } = await import('./electron-stub.ts')
const { denyPermissions, guardAllPages, guardPage, isAllowedExternal } = await import('./navigation-guard.ts')

beforeEach(() => {
  shell.openExternal.mockClear()
})

test('every page that is ever made goes nowhere', () => {
  guardAllPages()
  const contents = new WebContents()
  app.emit('web-contents-created', {}, contents)
  for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
    const preventDefault = vi.fn()
    contents.emit(event, { preventDefault, url: 'https://www.postgresql.org/' })
    expect(preventDefault, event).toHaveBeenCalledOnce()
  }
})

test('a new window is never opened; a known page of documentation goes to the browser', () => {
  const contents = new WebContents()
  guardPage(contents as unknown as ElectronContents)
  expect(contents.openHandler?.({ url: 'https://www.postgresql.org/docs/' })).toEqual({ action: 'deny' })
  expect(contents.openHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' })
  expect(shell.openExternal.mock.calls).toEqual([['https://www.postgresql.org/docs/']])
})

test.each([
  'http://www.postgresql.org/',
  'https://www.postgresql.org.evil.example/',
  'https://www.postgresql.org:8443/',
  'https://user@www.postgresql.org/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'smb://www.postgresql.org/',
  'app://tenantry/index.html',
  'no address',
  '',
])('is not opened outside: %s', address => {
  expect(isAllowedExternal(address)).toBe(false)
})

type Answer = (isGranted: boolean) => void

test('no permission is granted but copying from our own page', () => {
  let request:
    | ((contents: null, permission: string, answer: Answer, details: { requestingUrl: string }) => void)
    | undefined
  let check: ((contents: null, permission: string, origin: string) => boolean) | undefined
  let device: (() => boolean) | undefined
  let download: ((event: { preventDefault(): void }) => void) | undefined
  denyPermissions({
    setPermissionRequestHandler: (handler: typeof request) => {
      request = handler
    },
    setPermissionCheckHandler: (handler: typeof check) => {
      check = handler
    },
    setDevicePermissionHandler: (handler: typeof device) => {
      device = handler
    },
    on: (_event: string, handler: typeof download) => {
      download = handler
    },
  } as unknown as Session)
  const asked = (permission: string, requestingUrl: string) => {
    const answer = vi.fn()
    request?.(null, permission, answer, { requestingUrl })
    return [answer.mock.calls[0]?.[0], check?.(null, permission, requestingUrl)]
  }
  for (const permission of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read', 'usb']) {
    expect(asked(permission, 'app://tenantry/index.html'), permission).toEqual([false, false])
  }
  expect(asked('clipboard-sanitized-write', 'app://tenantry/')).toEqual([true, true])
  expect(asked('clipboard-sanitized-write', 'https://evil.example/')).toEqual([false, false])
  expect(device?.()).toBe(false)
  const preventDefault = vi.fn()
  download?.({ preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
})
