import { describe, expect, test } from 'vitest'
import { takeToken } from './token.ts'

function page(hash: string, stored: Record<string, string> = {}) {
  const replaced: string[] = []
  return {
    stored,
    replaced,
    location: { hash, pathname: '/' },
    history: { replaceState: (_state: unknown, _unused: string, url: string) => void replaced.push(url) },
    sessionStorage: {
      getItem: (key: string) => stored[key] ?? null,
      setItem: (key: string, value: string) => {
        stored[key] = value
      },
    },
  }
}

describe('takeToken', () => {
  test('moves the token out of the address into the tab', () => {
    const first = page('#token=abc_-9')
    expect(takeToken(first)).toBe('abc_-9')
    expect(first.replaced).toEqual(['/'])
    const reloaded = page('', first.stored)
    expect(takeToken(reloaded)).toBe('abc_-9')
    expect(reloaded.replaced).toEqual([])
  })

  test('keeps the route that follows the token', () => {
    const opened = page('#token=abc&/tenants?search=a&status=active')
    expect(takeToken(opened)).toBe('abc')
    expect(opened.replaced).toEqual(['/#/tenants?search=a&status=active'])
  })

  test('a new token replaces the one of a console that is gone', () => {
    const opened = page('#token=new', { 'tenantry-token': 'old' })
    expect(takeToken(opened)).toBe('new')
    expect(opened.stored).toEqual({ 'tenantry-token': 'new' })
  })

  test.each(['', '#/tenants', '#token=', '#token=a b', '#/tenants&token=abc'])('finds none in "%s"', hash => {
    const opened = page(hash)
    expect(takeToken(opened)).toBeUndefined()
    expect(opened.replaced).toEqual([])
  })
})
