/** How PostgreSQL reads SQL text, as far as telling words, names, strings and comments apart: lint never looks into raw text. */
export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'parameter' | 'symbol' | 'comment'

export interface Token {
  readonly kind: TokenKind
  /** A word in lower case, a quoted name without its quotes, everything else as it is written. */
  readonly value: string
  /** Counts from 1. */
  readonly line: number
  readonly start: number
  readonly end: number
}

export class SqlTextError extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.name = 'SqlTextError'
    this.line = line
  }
}

const SPACE = /\s+/y
const WORD = /[A-Za-z_\u0080-\u{10FFFF}][A-Za-z0-9_$\u0080-\u{10FFFF}]*/uy
const NUMBER = /(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y
const PARAMETER = /\$\d+/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\u{10FFFF}][A-Za-z0-9_\u0080-\u{10FFFF}]*)?\$/uy
const PLAIN_STRING = /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'/y
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y
const QUOTED_NAME = /(?:[uU]&)?"(?:[^"]|"")*"/y
const LINE_COMMENT = /--[^\n\r]*/y
const OPENS_QUOTE = /(?:[bBxXnNeE]|[uU]&)?['"]/y

/** Rejects with `SqlTextError` where a quote or comment does not end. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  const push = (kind: TokenKind, end: number) => {
    const raw = text.slice(at, end)
    tokens.push({ kind, value: meaningOf(kind, raw), line, start: at, end })
    line += countLines(raw)
    at = end
  }
  while (at < text.length) {
    const space = endOf(SPACE, text, at)
    if (space !== undefined) {
      line += countLines(text.slice(at, space))
      at = space
      continue
    }
    const [kind, end] = next(text, at, line)
    push(kind, end)
  }
  return tokens
}

function next(text: string, at: number, line: number): [TokenKind, number] {
  const comment = commentEnd(text, at, line)
  if (comment !== undefined) return ['comment', comment]
  const dollar = dollarStringEnd(text, at, line)
  if (dollar !== undefined) return ['string', dollar]
  for (const [kind, pattern] of PATTERNS) {
    const end = endOf(pattern, text, at)
    if (end !== undefined) return [kind, end]
    // Only a quote that does not end gets past its pattern and still opens one.
    if (kind === 'name' && endOf(OPENS_QUOTE, text, at) !== undefined) {
      throw new SqlTextError('a quote that does not end', line)
    }
  }
  return ['symbol', at + (text.startsWith('::', at) ? 2 : 1)]
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', ESCAPE_STRING],
  ['string', PLAIN_STRING],
  ['name', QUOTED_NAME],
  ['parameter', PARAMETER],
  ['number', NUMBER],
  ['word', WORD],
]

/** PostgreSQL's block comments nest. */
function commentEnd(text: string, at: number, line: number): number | undefined {
  if (text.startsWith('--', at)) return endOf(LINE_COMMENT, text, at)
  if (!text.startsWith('/*', at)) return undefined
  let depth = 1
  let end = at + 2
  while (depth > 0) {
    const closes = text.indexOf('*/', end)
    if (closes < 0) throw new SqlTextError('a comment that does not end', line)
    const opens = text.indexOf('/*', end)
    const isOpening = opens >= 0 && opens < closes
    depth += isOpening ? 1 : -1
    end = (isOpening ? opens : closes) + 2
  }
  return end
}

function dollarStringEnd(text: string, at: number, line: number): number | undefined {
  const opened = endOf(DOLLAR_TAG, text, at)
  if (opened === undefined) return undefined
  const tag = text.slice(at, opened)
  const closes = text.indexOf(tag, opened)
  if (closes < 0) throw new SqlTextError(`a string that does not end with ${tag}`, line)
  return closes + tag.length
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function meaningOf(kind: TokenKind, raw: string): string {
  if (kind === 'word') return raw.toLowerCase()
  if (kind === 'name') return raw.slice(raw.indexOf('"') + 1, -1).replaceAll('""', '"')
  return raw
}

const countLines = (text: string): number => text.split('\n').length - 1

/** Statements as their tokens, without comments and without the semicolons between them. */
export function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = []
  let current: Token[] = []
  let parentheses = 0
  let blocks = 0
  for (const token of tokens) {
    if (token.kind === 'comment') continue
    if (isSymbol(token, '(')) parentheses += 1
    if (isSymbol(token, ')')) parentheses -= 1
    blocks += blockStep(token, current, blocks)
    if (isSymbol(token, ';') && parentheses <= 0 && blocks === 0) {
      if (current.length > 0) statements.push(current)
      current = []
      parentheses = 0
    } else current.push(token)
  }
  if (current.length > 0) statements.push(current)
  return statements
}

/** The body of a function may be written `begin atomic …; … end`: its semicolons do not end the statement. */
function blockStep(token: Token, before: readonly Token[], blocks: number): number {
  if (token.kind !== 'word') return 0
  if (blocks === 0) {
    const last = before.at(-1)
    const isBody = token.value === 'atomic' && last?.kind === 'word' && last.value === 'begin'
    return isBody && before[0]?.value === 'create' ? 1 : 0
  }
  if (token.value === 'case') return 1
  return token.value === 'end' ? -1 : 0
}

export const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value)

export const isSymbol = (token: Token | undefined, symbol: string): boolean =>
  token?.kind === 'symbol' && token.value === symbol
