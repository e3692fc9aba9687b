import { isSymbol, SqlTextError, splitStatements, type Token, tokenize } from './sql-tokens.ts'

/** What the first comment lines of a migration file ask of the runner. */
export interface Directives {
  /** Runs outside a transaction, one statement at a time: `create index concurrently` refuses one. */
  readonly isWithoutTransaction: boolean
  /** Milliseconds; the run's own limit when null. */
  readonly lockTimeoutMs: number | null
  readonly statementTimeoutMs: number | null
  /** Rows of a chunk: the one statement is repeated with this as `$1`, a transaction each, until it changes no row. */
  readonly batchRows: number | null
}

export const NO_DIRECTIVES: Directives = {
  isWithoutTransaction: false,
  lockTimeoutMs: null,
  statementTimeoutMs: null,
  batchRows: null,
}

const DIRECTIVE = /^--\s*tenantry:\s*(.*?)\s*$/
const DURATION = /^(\d{1,7})\s*(ms|s|min)$/
const UNIT_MS = { ms: 1, s: 1_000, min: 60_000 } as const
const MAX_BATCH_ROWS = 1_000_000
/** What PostgreSQL takes for a timeout. */
const MAX_TIMEOUT_MS = 2_147_483_647

/** Reads and checks the directives of one file's text. Rejects with `SqlTextError`, which names the line. */
export function readDirectives(text: string): Directives {
  const tokens = tokenize(text)
  const firstStatement = tokens.findIndex(token => token.kind !== 'comment')
  let found = NO_DIRECTIVES
  const seen = new Set<string>()
  for (const [index, token] of tokens.entries()) {
    const said = token.kind === 'comment' ? DIRECTIVE.exec(token.value)?.[1] : undefined
    if (said === undefined) continue
    if (firstStatement >= 0 && index > firstStatement) {
      throw new SqlTextError(
        'a directive after the first statement has no effect; put it into the first lines',
        token.line,
      )
    }
    const [name = '', ...rest] = said.split(/\s+/)
    if (seen.has(name)) throw new SqlTextError(`the directive "${name}" is there twice`, token.line)
    seen.add(name)
    found = { ...found, ...parse(name, rest.join(' '), token.line) }
  }
  checkTogether(found, tokens)
  return found
}

function parse(name: string, value: string, line: number): Partial<Directives> {
  switch (name) {
    case 'no-transaction':
      if (value !== '') throw new SqlTextError('no-transaction takes no value', line)
      return { isWithoutTransaction: true }
    case 'lock-timeout':
      return { lockTimeoutMs: duration(name, value, line) }
    case 'statement-timeout':
      return { statementTimeoutMs: duration(name, value, line) }
    case 'batch':
      return { batchRows: batchRows(value, line) }
    default:
      throw new SqlTextError(
        `"${name}" is no directive; there are no-transaction, lock-timeout, statement-timeout and batch`,
        line,
      )
  }
}

function duration(name: string, value: string, line: number): number {
  const [, digits, unit] = DURATION.exec(value) ?? []
  if (digits === undefined || (unit !== 'ms' && unit !== 's' && unit !== 'min')) {
    throw new SqlTextError(`${name} takes a time such as 500ms, 2s or 1min`, line)
  }
  const milliseconds = Number(digits) * UNIT_MS[unit]
  if (milliseconds < 1 || milliseconds > MAX_TIMEOUT_MS) {
    throw new SqlTextError(`${name} is outside 1ms to ${MAX_TIMEOUT_MS}ms`, line)
  }
  return milliseconds
}

function batchRows(value: string, line: number): number {
  const rows = /^\d{1,7}$/.test(value) ? Number(value) : 0
  if (rows < 1 || rows > MAX_BATCH_ROWS) {
    throw new SqlTextError(`batch takes the rows of a chunk, 1 to ${MAX_BATCH_ROWS}`, line)
  }
  return rows
}

function checkTogether(directives: Directives, tokens: readonly Token[]): void {
  if (directives.batchRows === null) return
  if (directives.isWithoutTransaction) throw new SqlTextError('batch commits by itself; leave no-transaction out', 1)
  const statements = splitStatements(tokens)
  if (statements.length !== 1) throw new SqlTextError('a batch is exactly one statement', statements[1]?.[0]?.line ?? 1)
  if (!tokens.some(token => token.kind === 'parameter' && token.value === '$1')) {
    throw new SqlTextError('a batch names the rows of its chunk as $1, or it would do all rows at once', 1)
  }
}

/** One statement's text each, for migrations outside a transaction. */
export function statementTexts(text: string): string[] {
  return splitStatements(tokenize(text)).flatMap(tokens => {
    const [first, last] = [tokens[0], tokens.at(-1)]
    return first === undefined || last === undefined || isSymbol(first, ';') ? [] : [text.slice(first.start, last.end)]
  })
}
