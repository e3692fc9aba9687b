import { expect, test } from 'vitest'
import { isSameToken, newAccessToken, offeredToken } from './access-token.ts'
import { LaunchTicket } from './launch-ticket.ts'
import { browserCommand, hasDisplay } from './open-browser.ts'

test('a token is compared as a whole', () => {
  const token = newAccessToken()
  expect(isSameToken(token, token)).toBe(true)
  expect(isSameToken(token, newAccessToken())).toBe(false)
  expect(isSameToken(token, token.slice(0, -1))).toBe(false)
  expect(isSameToken(token, undefined)).toBe(false)
  expect(isSameToken('', undefined)).toBe(false)
})

test('the token is found among the offered subprotocols', () => {
  expect(offeredToken('tenantry, token.abc')).toBe('abc')
  expect(offeredToken('token.abc,tenantry')).toBe('abc')
  expect(offeredToken('tenantry')).toBeUndefined()
  expect(offeredToken(undefined)).toBeUndefined()
})

test('a launch ticket is good once, for a minute, and until the next is issued', () => {
  const ticket = new LaunchTicket()
  expect(ticket.redeem('')).toBe(false)
  const first = ticket.issue(0)
  const second = ticket.issue(0)
  expect(ticket.redeem(first, 1)).toBe(false)
  expect(ticket.redeem(second, 1)).toBe(true)
  expect(ticket.redeem(second, 2)).toBe(false)
  expect(ticket.redeem(ticket.issue(0), 60_001)).toBe(false)
})

test('the browser is started with an argument list, without a shell', () => {
  const address = 'http://127.0.0.1:1/host/open/a&b'
  expect(browserCommand('linux', address)).toEqual(['xdg-open', address])
  expect(browserCommand('darwin', address)).toEqual(['open', address])
  expect(browserCommand('win32', address)).toEqual(['rundll32', 'url.dll,FileProtocolHandler', address])
})

test('a browser is opened by itself only where the person would see it', () => {
  expect(hasDisplay('linux', {})).toBe(false)
  expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true)
  expect(hasDisplay('darwin', {})).toBe(true)
  expect(hasDisplay('darwin', { SSH_CONNECTION: 'x' })).toBe(false)
})
