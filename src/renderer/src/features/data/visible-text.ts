/**
 * What a person must see in a text that others wrote: control characters, and those that reorder, join or hide text. They are
 * written out; everything else is shown as it is.
 */
export type TextPart = string | HiddenCharacter

export interface HiddenCharacter {
  /** How it is written out: \n, \x1B, U+202E, ··. */
  mark: string
  /** What it is, for a tooltip and for assistive technology. */
  name: string
  /** How many characters it stands for. */
  count: number
  isLineBreak: boolean
}

/**
 * Controls (Cc), line and paragraph separators, bidirectional controls, zero-width and invisible characters, tags, and lone
 * surrogates. Joiners (U+200C, U+200D) are judged by their neighbours: scripts and emoji need them.
 */
const HIDDEN =
  /[\p{Cc}\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0001}\u{E0020}-\u{E007F}]|\u034F|\p{Cs}/gu

const ESCAPES: Record<string, [mark: string, name: string]> = {
  '\n': ['\\n', 'line feed'],
  '\r': ['\\r', 'carriage return'],
  '\t': ['\\t', 'tab'],
}

const NAMES: Record<number, string> = {
  27: 'escape',
  127: 'delete',
  173: 'soft hyphen',
  1564: 'Arabic letter mark',
  8203: 'zero-width space',
  8204: 'zero-width non-joiner',
  8205: 'zero-width joiner',
  8206: 'left-to-right mark',
  8207: 'right-to-left mark',
  8232: 'line separator',
  8233: 'paragraph separator',
  8234: 'left-to-right embedding',
  8235: 'right-to-left embedding',
  8236: 'end of embedding or override',
  8237: 'left-to-right override',
  8238: 'right-to-left override',
  8288: 'word joiner',
  8294: 'left-to-right isolate',
  8295: 'right-to-left isolate',
  8296: 'first strong isolate',
  8297: 'end of isolate',
  65279: 'byte order mark',
}

const FIRST_PRINTABLE = 0x20
const LAST_BYTE = 0xff

/** The text in parts: what can be read, and what has to be written out. Spaces count as hidden at both ends. */
export function visibleParts(text: string): TextPart[] {
  const leading = /^\p{Zs}+/u.exec(text)?.[0] ?? ''
  const trailing = leading === text ? '' : (/\p{Zs}+$/u.exec(text)?.[0] ?? '')
  return [
    ...spaces(leading),
    ...innerParts(text.slice(leading.length, text.length - trailing.length)),
    ...spaces(trailing),
  ]
}

function innerParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(HIDDEN)) {
    if (isNeededJoiner(text, match.index)) continue
    if (match.index > from) parts.push(text.slice(from, match.index))
    parts.push(written(match[0]))
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}

function spaces({ length }: string): HiddenCharacter[] {
  const name = length === 1 ? 'one space' : `${length} spaces`
  return length === 0 ? [] : [{ mark: '·'.repeat(length), name, count: length, isLineBreak: false }]
}

/** The text on one line, with what cannot be seen written out: for names. */
export const visibleText = (text: string): string =>
  visibleParts(text)
    .map(part => (typeof part === 'string' ? part : part.mark))
    .join('')

/** The first `limit` characters of a text, never half of one. */
export function headOf(text: string, limit: number): string {
  if (text.length <= limit) return text
  const isSplit = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1))
  return text.slice(0, isSplit ? limit - 1 : limit)
}

/** Joiners shape letters of many scripts and make one emoji of several; between ASCII characters they only deceive. */
function isNeededJoiner(text: string, index: number): boolean {
  const character = text.charAt(index)
  if (character !== '\u200C' && character !== '\u200D') return false
  const isForeign = (neighbour: string) => /[^\p{ASCII}\p{Z}\p{C}]|[\uD800-\uDFFF]/u.test(neighbour)
  return isForeign(text.charAt(index - 1)) && isForeign(text.charAt(index + 1))
}

function written(character: string): HiddenCharacter {
  const known = ESCAPES[character]
  if (known !== undefined) return { mark: known[0], name: known[1], count: 1, isLineBreak: character === '\n' }
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  const isShort = code < FIRST_PRINTABLE || (code > 0x7e && code <= LAST_BYTE)
  const unicode = `U+${hex.padStart(4, '0')}`
  const name = NAMES[code] ?? (isShort ? 'control character' : 'invisible character')
  return {
    mark: isShort ? `\\x${hex.padStart(2, '0')}` : unicode,
    name: `${name}, ${unicode}`,
    count: 1,
    isLineBreak: false,
  }
}
