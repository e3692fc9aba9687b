import { isSymbol, isWord, type Token } from './sql-tokens.ts'

export const RULES = [
  'not-null-without-default',
  'volatile-default',
  'index-blocks-writes',
  'type-change-rewrites',
  'constraint-validates',
  'set-not-null-scans',
  'drops-column',
  'drops-table',
  'deletes-rows',
  'missing-down',
  'needs-no-transaction',
  'controls-transaction',
  'changes-session',
  'hidden-statements',
  'unreadable',
] as const
export type Rule = (typeof RULES)[number]

/** What is at stake; an `error` is refused, `destructive` asks for the destructive confirmation, a `warning` is shown. */
export type Severity = 'error' | 'destructive' | 'warning'

export interface Finding {
  rule: Rule
  severity: Severity
  /** Line of the file, from 1. */
  line: number
  /** The table it is about, as the file names it without a schema; null where there is none. */
  table: string | null
  reason: string
  safer: string
}

/** A reader that walks over the tokens of one statement. */
export class Cursor {
  readonly tokens: readonly Token[]
  at: number
  constructor(tokens: readonly Token[], at = 0) {
    this.tokens = tokens
    this.at = at
  }
  get token(): Token | undefined {
    return this.tokens[this.at]
  }
  /** Steps over the words when all of them come next. */
  takes(...words: string[]): boolean {
    if (!words.every((word, index) => isWord(this.tokens[this.at + index], word))) return false
    this.at += words.length
    return true
  }
  /** Steps over a possibly qualified name; the last part of it, or null where no name comes. */
  name(): string | null {
    let last: string | null = null
    for (;;) {
      const token = this.token
      if (token?.kind !== 'word' && token?.kind !== 'name') return last
      last = token.value
      this.at += 1
      if (!isSymbol(this.token, '.')) return last
      this.at += 1
    }
  }
}

/** Cuts tokens at commas outside parentheses and brackets. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1
    if (depth === 0 && isSymbol(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter(part => part.length > 0)
}

/** Where words stand one after the other outside parentheses; -1 when nowhere. */
export function findWords(tokens: readonly Token[], ...words: string[]): number {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    if (depth === 0 && words.every((word, step) => isWord(tokens[index + step], word))) return index
  }
  return -1
}

export const hasWords = (tokens: readonly Token[], ...words: string[]): boolean => findWords(tokens, ...words) >= 0

/** Evaluated once for the whole command, so that PostgreSQL stores one value instead of writing every row. */
const STEADY_FUNCTIONS = new Set([
  ...['now', 'transaction_timestamp', 'statement_timestamp', 'current_setting', 'lower', 'upper', 'btrim', 'coalesce'],
  ...['concat', 'md5', 'to_jsonb', 'jsonb_build_object', 'jsonb_build_array', 'date_trunc', 'make_date', 'nullif'],
  ...['array', 'cast', 'numeric', 'decimal', 'varchar', 'char', 'character', 'timestamp', 'timestamptz', 'time', 'bit'],
  ...['interval', 'row', 'and', 'or', 'not', 'in', 'values', 'varying'],
])

/** The first function in an expression that may answer differently for every row; what is not known to be steady is taken for one. */
export function unsteadyFunction(expression: readonly Token[]): string | undefined {
  const index = expression.findIndex(
    (token, at) =>
      (token.kind === 'name' || (token.kind === 'word' && !STEADY_FUNCTIONS.has(token.value))) &&
      isSymbol(expression[at + 1], '('),
  )
  return expression[index]?.value
}
