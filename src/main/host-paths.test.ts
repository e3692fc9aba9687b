import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { dataDirectory, hostPaths } from './host-paths.ts'

const root = resolve(import.meta.dirname, '..', '..')

test('the project is found from any folder in it', () => {
  const paths = hostPaths(join(root, 'out', 'main', 'chunks'), { TENANTRY_DATA: '/data' })
  expect(paths).toEqual({
    dataDirectory: resolve('/data'),
    resourcesDirectory: root,
    rendererDirectory: join(root, 'out', 'renderer'),
    preloadDirectory: join(root, 'out', 'preload'),
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  })
})

test('outside of the project there is an error instead of a guess', () => {
  expect(() => hostPaths('/')).toThrow('No package.json of tenantry')
})

test('data lies where the system keeps it, unless told otherwise', () => {
  expect(dataDirectory('linux', {})).toBe(join(homedir(), '.local', 'share', 'tenantry'))
  expect(dataDirectory('linux', { XDG_DATA_HOME: '/xdg' })).toBe('/xdg/tenantry')
  expect(dataDirectory('linux', { XDG_DATA_HOME: 'relative' })).toBe(join(homedir(), '.local', 'share', 'tenantry'))
  expect(dataDirectory('darwin', {})).toBe(join(homedir(), 'Library', 'Application Support', 'Tenantry'))
  expect(dataDirectory('win32', { APPDATA: '/roaming' })).toBe(join('/roaming', 'Tenantry'))
  expect(dataDirectory('win32', { TENANTRY_DATA: 'here' })).toBe(resolve('here'))
})
