import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headOf, visibleParts, visibleText } from './visible-text.ts'

const marks = (text: string) => visibleParts(text).map(part => (typeof part === 'string' ? part : `[${part.mark}]`))

describe('visibleParts', () => {
  it('leaves ordinary text in one piece', () => {
    expect(visibleParts('Zoë O’Brien <b>')).toEqual(['Zoë O’Brien <b>'])
    expect(visibleParts('')).toEqual([])
  })

  it.each([
    ['first\nsecond\tthird\r\n', ['first', '[\\n]', 'second', '[\\t]', 'third', '[\\r]', '[\\n]']],
    ['\u0007bell \u001B[31m', ['[\\x07]', 'bell ', '[\\x1B]', '[31m']],
    ['\u007F\u0085\u00AD', ['[\\x7F]', '[\\x85]', '[\\xAD]']],
    ['user\u202Egnp.exe\u202C', ['user', '[U+202E]', 'gnp.exe', '[U+202C]']],
    ['\u2066a\u2069\u200E\u061C', ['[U+2066]', 'a', '[U+2069]', '[U+200E]', '[U+061C]']],
    ['pay\u200Bpal\uFEFF', ['pay', '[U+200B]', 'pal', '[U+FEFF]']],
    ['a\u2028b\u2029', ['a', '[U+2028]', 'b', '[U+2029]']],
    ['tag\u{E0041}', ['tag', '[U+E0041]']],
    ['half\uD83D', ['half', '[U+D83D]']],
    ['\u3164hangul filler', ['[U+3164]', 'hangul filler']],
  ])('writes out what cannot be seen in %j', (text, parts) => {
    expect(marks(text)).toEqual(parts)
  })

  it('keeps joiners where a script or an emoji needs them, and shows them in plain letters', () => {
    expect(visibleParts('क्‍ष')).toEqual(['क्‍ष'])
    expect(visibleParts('می‌خواهم')).toEqual(['می‌خواهم'])
    expect(visibleParts('👩‍💻')).toEqual(['👩‍💻'])
    expect(marks('pay\u200Dpal')).toEqual(['pay', '[U+200D]', 'pal'])
    expect(marks('\u200Cx')).toEqual(['[U+200C]', 'x'])
  })

  it('leaves right-to-left scripts as they are', () => {
    expect(visibleParts('مرحبا שלום')).toEqual(['مرحبا שלום'])
  })

  it('shows the spaces at both ends, and a text of nothing else', () => {
    expect(marks(' x  ')).toEqual(['[·]', 'x', '[··]'])
    expect(marks('a b')).toEqual(['a b'])
    expect(visibleParts('\u00A0  ')).toEqual([{ mark: '···', name: '3 spaces', count: 3, isLineBreak: false }])
  })

  it('names what it writes out', () => {
    expect(visibleParts('\u202E')).toEqual([
      { mark: 'U+202E', name: 'right-to-left override, U+202E', count: 1, isLineBreak: false },
    ])
    expect(visibleParts('\n')).toEqual([{ mark: '\\n', name: 'line feed', count: 1, isLineBreak: true }])
  })

  it('loses no visible character and shows no hidden one, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const shown = visibleParts(text)
          .filter(part => typeof part === 'string')
          .join('')
        expect(shown).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B\uFEFF]/u)
        const kept = visibleParts(text).reduce(
          (sum, part) => sum + (typeof part === 'string' ? [...part].length : part.count),
          0,
        )
        expect(kept).toBe([...text].length)
      }),
    )
  })
})

it('visibleText writes out what a name hides', () => {
  expect(visibleText('sal\u202Eyra\n')).toBe('salU+202Eyra\\n')
})

it('headOf never cuts a character in half', () => {
  expect(headOf('abcdef', 3)).toBe('abc')
  expect(headOf('ab', 3)).toBe('ab')
  expect(headOf('ab😀cd', 3)).toBe('ab')
  expect(headOf('ab😀cd', 4)).toBe('ab😀')
})
