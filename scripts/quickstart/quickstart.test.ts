import { describe, expect, test } from 'vitest'
import { type DemoPlace, demoPath } from './demo-folder.ts'
import { mergeStores } from './environment.ts'
import { parseOptions } from './options.ts'
import { givenStores, titlesOf } from './other-stores.ts'
import { best, majorOf } from './system-postgres.ts'

describe('options', () => {
  test('opens the window by default and lets everything run on', () => {
    expect(parseOptions([])).toEqual({
      isWeb: false,
      opens: true,
      isOnce: false,
      isFresh: false,
      hasConsole: true,
      isPostgresOnly: false,
      isHelp: false,
    })
  })

  test('printing the address means the web console', () => {
    expect(parseOptions(['--no-open'])).toMatchObject({ isWeb: true, opens: false })
    expect(parseOptions(['--web', '--once', '--fresh'])).toMatchObject({ isWeb: true, isOnce: true, isFresh: true })
  })

  test('names an option that it does not know', () => {
    expect(() => parseOptions(['--wbe'])).toThrow('--wbe')
    expect(() => parseOptions(['stray'])).toThrow('stray')
  })
})

describe('the demo’s folder', () => {
  const place = (change: Partial<DemoPlace>): DemoPlace => ({
    platform: 'linux',
    variables: {},
    isRoot: false,
    home: '/home/asha',
    project: '/home/asha/tenantry',
    ...change,
  })

  test('follows the system’s conventions', () => {
    expect(demoPath(place({}))).toMatch(/^\/home\/asha\/\.local\/state\/tenantry\/demo-[0-9a-f]{8}$/)
    expect(demoPath(place({ variables: { XDG_STATE_HOME: '/state' } }))).toMatch(/^\/state\/tenantry\/demo-/)
    expect(demoPath(place({ platform: 'darwin' }))).toMatch(
      /^\/home\/asha\/Library\/Application Support\/Tenantry\/demo-/,
    )
  })

  test('ignores a relative XDG folder, as its specification demands', () => {
    expect(demoPath(place({ variables: { XDG_STATE_HOME: 'state' } }))).toMatch(/^\/home\/asha\/\.local\/state\//)
  })

  test('is open to the servers’ own user where we are root', () => {
    expect(demoPath(place({ isRoot: true, home: '/root' }))).toMatch(/^\/var\/lib\/tenantry\/demo-/)
  })

  test('is another one for every clone, and the named one where one is named', () => {
    expect(demoPath(place({}))).not.toBe(demoPath(place({ project: '/home/asha/second' })))
    expect(demoPath(place({ variables: { TENANTRY_DEMO_HOME: '/srv/demo' } }))).toBe('/srv/demo')
  })
})

describe('PostgreSQL of this machine', () => {
  const found = [13, 15, 17].map(major => ({
    binaries: `/usr/lib/postgresql/${major}/bin`,
    major,
    hasStatistics: true,
  }))

  test('is the newest one, or the one the data belongs to', () => {
    expect(best(found)?.major).toBe(17)
    expect(best(found, 15)?.major).toBe(15)
    expect(best(found, 16)).toBeUndefined()
  })

  test('is none that is too old', () => {
    expect(best(found.slice(0, 1))).toBeUndefined()
  })

  test.each([
    ['postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)', 15],
    ['pg_dump (PostgreSQL) 18beta1', 18],
    ['command not found', undefined],
  ])('reads the version from %s', (text, major) => {
    expect(majorOf(text)).toBe(major)
  })
})

describe('stores of one’s own', () => {
  test('come from variables with the demo’s prefix only', () => {
    const { stores, secrets } = givenStores({
      DATABASE_URL: 'postgresql://app:real@production.example/hrms',
      AWS_ACCESS_KEY_ID: 'REAL',
      TENANTRY_DEMO_HOME: '/srv/demo',
      TENANTRY_DEMO_REDIS_URL: 'redis://:word@127.0.0.1:6380/2',
    })
    expect(Object.keys(stores)).toEqual(['redis'])
    expect(stores.redis).toMatchObject({ nodes: [{ host: '127.0.0.1', port: 6380 }], database: 2 })
    expect(secrets).toEqual({ redis: 'word' })
  })

  test('are refused with the variable’s name when they make no sense', () => {
    expect(() => givenStores({ TENANTRY_DEMO_DATABASE_URL: 'mysql://x' })).toThrow(/^TENANTRY_DEMO_DATABASE_URL: /)
  })

  test('win over what the demo starts, their secrets too', () => {
    const redis = (host: string) => givenStores({ TENANTRY_DEMO_REDIS_URL: `redis://${host}` })
    const started = givenStores({ TENANTRY_DEMO_REDIS_URL: 'redis://:word@127.0.0.1' })
    const merged = mergeStores(started, redis('cache.example'))
    expect(merged.stores.redis?.nodes).toEqual([{ host: 'cache.example', port: 6379 }])
    expect(merged.secrets).toEqual({})
  })

  test('are named as people name them', () => {
    const all = givenStores({
      TENANTRY_DEMO_REDIS_URL: 'redis://127.0.0.1',
      TENANTRY_DEMO_MONGODB_URI: 'mongodb://127.0.0.1/hrms',
    })
    expect(titlesOf(all.stores)).toBe('MongoDB and Redis')
    expect(titlesOf({})).toBe('')
  })
})
