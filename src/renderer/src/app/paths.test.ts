import { expect, it } from 'vitest'
import { decodeName, paths } from './paths.ts'

/** As wouter does with the address. */
const asRouted = (path: string): string => decodeName(decodeURI(path).split('/').at(-1) ?? '')

it.each(['employees', 'a/b', 'a%2Fb', '100%', 'q?x#y&z', 'ünï cödé', '..', ' lead', 'new\nline', '$1'])(
  'the address of the table %j leads to that table',
  table => {
    expect(asRouted(paths.data('environment', 'tenant', table))).toBe(table)
  },
)

it('decodeName leaves alone what nobody encoded', () => {
  expect(decodeName('100%')).toBe('100%')
})
