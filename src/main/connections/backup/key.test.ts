import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPrefix, checkRange, compareKeys, keyParts } from './key.ts'

describe('a key of the backup store', () => {
  test.each(['a', 'backups/2024/01/x.sql.gz', 'schemas/tenant_ü/ñ +&=.txt', '..a/b..', '.hidden'])('%j is one', key => {
    expect(keyParts(key).join('/')).toBe(key)
  })

  test.each([
    '',
    '/',
    '/etc/passwd',
    'a//b',
    'a/',
    '.',
    '..',
    '../x',
    'a/../../x',
    'a/./b',
    'a\\..\\b',
    'C:\\x',
    'a\0b',
    'a\nb',
    'x'.repeat(256),
    `${'x'.repeat(250)}/`.repeat(5),
  ])('%j is none', key => {
    expect(() => keyParts(key)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  test('no text that passes can leave a folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', '\0', 'ü') }), text => {
        let parts: string[]
        try {
          parts = keyParts(text)
        } catch {
          return
        }
        expect(parts.every(part => !['', '.', '..'].includes(part) && !/[\\\0]/.test(part))).toBe(true)
      }),
    )
  })

  test('a prefix may end anywhere but not lead elsewhere', () => {
    for (const prefix of ['', 'a', 'a/', 'a/b', 'backups/schemas/ten']) expect(() => checkPrefix(prefix)).not.toThrow()
    for (const prefix of ['/', '../', 'a/..', 'a//', '/a']) expect(() => checkPrefix(prefix)).toThrow()
  })

  test('keys are ordered by their bytes, also beyond the basic plane', () => {
    expect(['\u{1f600}', '\uffee', 'a/b', 'a.b', 'a', 'B'].sort(compareKeys)).toEqual([
      'B',
      'a',
      'a.b',
      'a/b',
      '\uffee',
      '\u{1f600}',
    ])
  })

  test('the order is that of the bytes for any two keys', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.string({
        unit: fc.constantFrom('a', '/', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
        maxLength: 4,
      }),
    )
    fc.assert(
      fc.property(text, text, (a, b) => {
        const order = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Math.sign(compareKeys(a, b))).toBe(order)
      }),
    )
  })

  test('half a character is no key: it would be stored as another one', () => {
    expect(() => keyParts('a\ud800')).toThrow()
  })

  test.each([{ offset: -1 }, { offset: 0.5 }, { offset: 0, length: -1 }, { offset: Number.NaN }])(
    'no range of bytes: %j',
    range => {
      expect(() => checkRange(range)).toThrow()
    },
  )
})
