import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { KEPT_PATTERN, parseKeptName, restoreNames } from './names.ts'

const ALPHABET = [
  'a',
  '_',
  '-',
  ' ',
  '"',
  '.',
  'é',
  'ß',
  '़',
  '中',
  '𝒳',
  '🙂',
  '__restore_',
  '__before_20260101000000aaaaaaaa',
]

/** A name of at most 63 bytes out of characters of one to four bytes. */
function anyName(): string {
  let name = ''
  for (const byte of randomBytes(1 + Math.floor(Math.random() * 63))) {
    const more = name + (ALPHABET[byte % ALPHABET.length] ?? 'a')
    if (Buffer.byteLength(more) > 63) break
    name = more
  }
  return name === '' ? 'a' : name
}

const anyTime = () => new Date(Math.floor(Math.random() * 4e12))

it('makes names that fit 63 bytes in whole characters, and reads them back, for any schema name', () => {
  for (let round = 0; round < 5_000; round++) {
    const schema = anyName()
    const id = randomUUID()
    const at = anyTime()
    for (const [kind, name] of Object.entries(restoreNames(schema, id, at))) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
      expect(Buffer.from(name).toString()).toBe(name)
      const parsed = parseKeptName(name)
      expect(parsed).toMatchObject({ kind, idDigits: id.slice(0, 8), at: `${at.toISOString().slice(0, 19)}.000Z` })
      expect(schema.startsWith(parsed?.base ?? '?')).toBe(true)
      expect(name).toMatch(new RegExp(KEPT_PATTERN))
      expect(name).not.toBe(schema)
    }
  }
})

it('keeps short names whole', () => {
  const names = restoreNames(
    'tenant_acme_1f3a9c0e',
    '0a1b2c3d-0000-4000-8000-000000000000',
    new Date('2026-01-31T02:00:59.999Z'),
  )
  expect(names).toEqual({
    side: 'tenant_acme_1f3a9c0e__restore_202601310200590a1b2c3d',
    before: 'tenant_acme_1f3a9c0e__before_202601310200590a1b2c3d',
    undone: 'tenant_acme_1f3a9c0e__undone_202601310200590a1b2c3d',
    scratch: 'tenant_acme_1f3a9c0e__scratch_202601310200590a1b2c3d',
  })
})

it('never gives two restores the same name, also when their tenants begin alike and the second is the same', () => {
  const at = new Date()
  const long = `tenant_${'a'.repeat(56)}`
  const seen = new Set<string>()
  const ids = Array.from(
    { length: 1_000 },
    (_, index) => `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
  )
  for (const id of ids) for (const name of Object.values(restoreNames(long, id, at))) seen.add(name)
  for (const name of Object.values(restoreNames(long, ids[0] ?? '', new Date(at.getTime() + 1_000)))) seen.add(name)
  expect(seen.size).toBe(4_004)
})

it('does not take other names for its own', () => {
  const others = [
    'tenant_acme',
    'a__restore_2026013102005',
    'a__restore_202602310200590a1b2c3d',
    '__restore_202601310200590a1b2c3d',
  ]
  for (const name of [...others, 'a__before_202601310200590A1B2C3D', 'a__other_202601310200590a1b2c3d']) {
    expect(parseKeptName(name)).toBeUndefined()
  }
})
