import { describe, expect, it } from 'vitest'
import { isMadeStale, staleAfter } from './invalidation.ts'

describe('isMadeStale', () => {
  it('matches a whole noun, one name, or everything', () => {
    expect(isMadeStale('tenants.list', ['tenants.*'])).toBe(true)
    expect(isMadeStale('tenants.list', ['tenants.list'])).toBe(true)
    expect(isMadeStale('tenants.list', ['*'])).toBe(true)
  })

  it('does not take a noun for another that starts alike', () => {
    expect(isMadeStale('tenantsArchive.list', ['tenants.*'])).toBe(false)
    expect(isMadeStale('tenants.list', ['tenants.get', 'data.*'])).toBe(false)
    expect(isMadeStale('tenants.list', [])).toBe(false)
  })
})

describe('staleAfter', () => {
  it('comes from the contract', () => {
    expect(staleAfter('tenants.create')).toContain('tenants.*')
    expect(staleAfter('app.info')).toEqual([])
    expect(staleAfter('no.such')).toEqual([])
  })
})
