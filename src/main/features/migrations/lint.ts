import type { Directives } from './directives.ts'
import { lintAlterTable } from './lint-alter.ts'
import { Cursor, type Finding, findWords, hasWords } from './lint-statement.ts'
import { fileName } from './migration-files.ts'
import { isSymbol, isWord, SqlTextError, splitStatements, type Token, tokenize } from './sql-tokens.ts'

export type { Finding, Rule, Severity } from './lint-statement.ts'

/** From this size a table counts as large: to index it takes long enough for waiting writers to be noticed. */
export const LARGE_TABLE_BYTES = 64 * 1024 * 1024

export interface LintFacts {
  /** Bytes of each table, the largest of the tenants it is planned for; tables that are not named count as small. */
  tableBytes?: ReadonlyMap<string, number>
  largeBytes?: number
}

export interface LintedMigration {
  version: number
  name: string
  up: string
  down: string | null
  directives: Pick<Directives, 'isWithoutTransaction'>
}

/** What is risky about running a migration up on tenants that hold data, each with the safer form. In the order of the file. */
export function lintMigration(migration: LintedMigration, facts: LintFacts = {}): Finding[] {
  const found = lintText(migration.up, migration.directives, facts)
  if (migration.down !== null) return found
  const missing = {
    rule: 'missing-down',
    severity: 'warning',
    line: 1,
    table: null,
    reason: `There is no ${fileName(migration, 'down')}: tenants cannot be rolled back behind this version.`,
    safer: 'Write the statements that undo it in reverse order.',
  } as const
  return [...found, missing]
}

/** The same for one file's text, up or down. */
export function lintText(text: string, { isWithoutTransaction }: LintedMigration['directives'], facts: LintFacts = {}) {
  let statements: Token[][]
  try {
    statements = splitStatements(tokenize(text))
  } catch (error) {
    if (error instanceof SqlTextError) return [unreadable(error)]
    throw error
  }
  const created = new Set<string>()
  const isNew = (table: string) => created.has(table)
  return statements.flatMap((statement): Finding[] => {
    const table = createdTable(statement)
    if (table !== null) created.add(table)
    return [
      ...lintAlterTable(statement, isNew),
      ...lintIndex(statement, isNew, facts),
      ...lintLoss(statement, isNew),
      ...lintTransaction(statement, isWithoutTransaction),
    ]
  })
}

/** Whether a person must confirm it as destructive. */
export const isDestructive = (findings: readonly Finding[]): boolean =>
  findings.some(finding => finding.severity === 'destructive')

const unreadable = (error: SqlTextError): Finding => ({
  rule: 'unreadable',
  severity: 'error',
  line: error.line,
  table: null,
  reason: `The file has ${error.message}.`,
  safer: 'Close it; PostgreSQL would refuse the file too.',
})

const finding = (statement: readonly Token[], said: Said, table: string | null): Finding => ({
  ...said,
  line: statement[0]?.line ?? 1,
  table,
})

function createdTable(statement: readonly Token[]): string | null {
  const cursor = new Cursor(statement)
  if (!cursor.takes('create')) return null
  for (const word of ['global', 'local', 'temporary', 'temp', 'unlogged']) cursor.takes(word)
  // With `if not exists` the table may be there already, with rows.
  return cursor.takes('table') && !cursor.takes('if', 'not', 'exists') ? cursor.name() : null
}

function lintIndex(statement: readonly Token[], isNew: (table: string) => boolean, facts: LintFacts): Finding[] {
  const cursor = new Cursor(statement)
  if (!cursor.takes('create')) return []
  cursor.takes('unique')
  if (!cursor.takes('index') || cursor.takes('concurrently')) return []
  const on = new Cursor(statement, findWords(statement, 'on') + 1)
  on.takes('only')
  const table = on.name()
  const bytes = table === null ? 0 : (facts.tableBytes?.get(table) ?? 0)
  if (table === null || isNew(table) || bytes < (facts.largeBytes ?? LARGE_TABLE_BYTES)) return []
  const said = {
    rule: 'index-blocks-writes',
    severity: 'warning',
    reason: `Writers of ${table} wait while the index is built; its largest tenant has ${Math.round(bytes / 1_048_576)} MiB in it.`,
    safer: 'Use create index concurrently in a migration of its own with the directive no-transaction.',
  } as const
  return [finding(statement, said, table)]
}

const DROPS = ['table', 'schema', 'materialized', 'database', 'sequence', 'owned']

function lintLoss(statement: readonly Token[], isNew: (table: string) => boolean): Finding[] {
  const cursor = new Cursor(statement)
  if (cursor.takes('drop')) {
    const what = cursor.token
    if (!isWord(what, ...DROPS)) return []
    cursor.at += 1
    cursor.takes('if', 'exists')
    const name = cursor.name()
    return [
      finding(
        statement,
        {
          rule: 'drops-table',
          severity: 'destructive',
          reason: `Drops the ${what?.value} ${name ?? ''} with all it holds.`,
          safer: 'Release an application that no longer uses it first; back the tenants up, then drop it.',
        },
        name,
      ),
    ]
  }
  const table = emptiedTable(statement)
  if (table === null || isNew(table)) return []
  const said = {
    rule: 'deletes-rows',
    severity: 'destructive',
    reason: `Deletes rows of ${table} that a roll back does not bring back.`,
    safer: 'Back the tenants up first, or keep the rows in another table for a release.',
  } as const
  return [finding(statement, said, table)]
}

function emptiedTable(statement: readonly Token[]): string | null {
  const cursor = new Cursor(statement)
  if (cursor.takes('truncate')) cursor.takes('table')
  else if (!cursor.takes('delete', 'from')) return null
  cursor.takes('only')
  return cursor.name()
}

const CONTROLS = ['begin', 'commit', 'rollback', 'abort', 'savepoint', 'release', 'end']

type Said = Omit<Finding, 'line' | 'table'>

/** The statement breaks what the runner relies on, or hides what it does. */
function lintTransaction(statement: readonly Token[], isWithoutTransaction: boolean): Finding[] {
  const said = saidOfTransaction(statement, isWithoutTransaction)
  return said === undefined ? [] : [finding(statement, said, null)]
}

function saidOfTransaction(statement: readonly Token[], isWithoutTransaction: boolean): Said | undefined {
  if (isWord(statement[0], ...CONTROLS) || hasWords(statement.slice(0, 2), 'start', 'transaction')) return CONTROL
  if (isSymbol(statement[0], '\\')) return PSQL_COMMAND
  if (changesSession(statement)) return SESSION
  if (!isWithoutTransaction && refusesTransaction(statement)) return REFUSES
  return isWord(statement[0], 'do', 'call') ? HIDDEN : undefined
}

const CONTROL: Said = {
  rule: 'controls-transaction',
  severity: 'error',
  reason: 'The runner holds the transaction and writes both ledgers in it; this statement would end or replace it.',
  safer: 'Leave it out.',
}
const PSQL_COMMAND: Said = {
  rule: 'controls-transaction',
  severity: 'error',
  reason: 'This is a command of psql, not SQL.',
  safer: 'Write it as SQL.',
}
const SESSION: Said = {
  rule: 'changes-session',
  severity: 'error',
  reason: 'A setting of the session follows its connection to the next tenant.',
  safer: 'Use set local, never for search_path; the runner sets that.',
}
const REFUSES: Said = {
  rule: 'needs-no-transaction',
  severity: 'error',
  reason: 'PostgreSQL refuses this statement inside a transaction.',
  safer: 'Put it into a migration of its own with the directive no-transaction.',
}
const HIDDEN: Said = {
  rule: 'hidden-statements',
  severity: 'warning',
  reason: 'What a block or procedure runs is not seen here.',
  safer: 'Write plain statements where possible, or read the block with care.',
}

function changesSession(statement: readonly Token[]): boolean {
  const cursor = new Cursor(statement)
  if (cursor.takes('reset') || cursor.takes('discard')) return true
  if (!cursor.takes('set')) return false
  if (cursor.takes('constraints')) return false
  return !cursor.takes('local') || isWord(cursor.token, 'search_path', 'schema', 'role')
}

function refusesTransaction(statement: readonly Token[]): boolean {
  const isIndex = hasWords(statement, 'index') || isWord(statement[0], 'reindex')
  if (isIndex && hasWords(statement.slice(0, 4), 'concurrently')) return true
  if (isWord(statement[0], 'vacuum')) return true
  const isDetaching = hasWords(statement, 'detach', 'partition') && hasWords(statement, 'concurrently')
  return (
    isDetaching ||
    (isWord(statement[0], 'create', 'drop', 'alter') && isWord(statement[1], 'database', 'system', 'tablespace'))
  )
}
