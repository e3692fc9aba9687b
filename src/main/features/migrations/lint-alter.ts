import { Cursor, type Finding, findWords, hasWords, splitAtCommas, unsteadyFunction } from './lint-statement.ts'
import { isSymbol, isWord, type Token } from './sql-tokens.ts'

type Said = Omit<Finding, 'line' | 'table'>

/** Findings of `alter table`; `isNew` says that the table was made by this same migration and holds no rows. */
export function lintAlterTable(statement: readonly Token[], isNew: (table: string) => boolean): Finding[] {
  const cursor = new Cursor(statement)
  if (!cursor.takes('alter', 'table')) return []
  cursor.takes('if', 'exists')
  cursor.takes('only')
  const table = cursor.name()
  if (table === null || isNew(table)) return []
  if (isSymbol(cursor.token, '*')) cursor.at += 1
  return splitAtCommas(statement.slice(cursor.at)).flatMap(action => {
    const line = action[0]?.line ?? 1
    return lintAction(action).map(said => ({ ...said, line, table }))
  })
}

function lintAction(action: readonly Token[]): Said[] {
  const cursor = new Cursor(action)
  if (cursor.takes('drop')) return dropped(cursor)
  if (cursor.takes('alter')) return altered(cursor)
  if (!cursor.takes('add')) return []
  const rest = action.slice(cursor.at)
  return isTableConstraint(rest) ? addedConstraint(rest) : addedColumn(rest)
}

function dropped(cursor: Cursor): Said[] {
  if (!cursor.takes('column') && isWord(cursor.token, 'constraint')) return []
  cursor.takes('if', 'exists')
  const column = cursor.name()
  return [
    {
      rule: 'drops-column',
      severity: 'destructive',
      reason: `Drops the column ${column ?? ''} with all its values.`,
      safer: 'Release an application that no longer uses it first; back the tenants up, then drop it.',
    },
  ]
}

function altered(cursor: Cursor): Said[] {
  if (isWord(cursor.token, 'constraint')) return []
  cursor.takes('column')
  const column = cursor.name() ?? ''
  if (cursor.takes('set', 'not', 'null')) {
    return [
      {
        rule: 'set-not-null-scans',
        severity: 'warning',
        reason: `Reads the whole table to prove ${column}, while nobody else may use it.`,
        safer: `Add check (${column} is not null) not valid, validate it in a migration of its own, then set not null: PostgreSQL then trusts the check.`,
      },
    ]
  }
  if (!cursor.takes('set', 'data', 'type') && !cursor.takes('type')) return []
  return [
    {
      rule: 'type-change-rewrites',
      severity: 'warning',
      reason: `Changing the type of ${column} rewrites the table and its indexes while nobody else may use it, unless both types are stored alike (varchar to text, a longer varchar).`,
      safer: 'Add a column of the new type, fill it with a batch migration, and change over in a later release.',
    },
  ]
}

const TABLE_CONSTRAINTS = ['constraint', 'check', 'foreign', 'unique', 'primary', 'exclude']

/** `add check (…)` is a constraint, `add check text` a column of that name is not SQL: these words are reserved. */
const isTableConstraint = (rest: readonly Token[]): boolean => isWord(rest[0], ...TABLE_CONSTRAINTS)

function addedConstraint(rest: readonly Token[]): Said[] {
  if (hasWords(rest, 'using', 'index')) return []
  if (hasWords(rest, 'unique') || hasWords(rest, 'primary', 'key') || hasWords(rest, 'exclude')) return [buildsIndex()]
  return hasWords(rest, 'not', 'valid') ? [] : [validates()]
}

const buildsIndex = (): Said => ({
  rule: 'index-blocks-writes',
  severity: 'warning',
  reason: 'The constraint builds its index while nobody else may use the table.',
  safer:
    'Create a unique index concurrently in a no-transaction migration, then add the constraint using that index in the next one.',
})

const validates = (): Said => ({
  rule: 'constraint-validates',
  severity: 'warning',
  reason: 'The constraint is checked for every row while writers wait.',
  safer: 'Add it not valid, and validate it in a migration of its own, which lets readers and writers work.',
})

function addedColumn(rest: readonly Token[]): Said[] {
  const cursor = new Cursor(rest)
  cursor.takes('column')
  cursor.takes('if', 'not', 'exists')
  const column = cursor.name() ?? ''
  const definition = rest.slice(cursor.at)
  const rewritten = rewritesFor(definition)
  const said: Said[] = []
  if (rewritten !== null) said.push(volatileDefault(column, rewritten))
  const isFilled = rewritten !== null || hasWords(definition, 'default')
  if (isNotNull(definition) && !isFilled) said.push(lacksDefault(column))
  if (hasWords(definition, 'unique') || hasWords(definition, 'primary', 'key')) said.push(buildsIndex())
  if (hasWords(definition, 'check') || (isFilled && hasWords(definition, 'references'))) said.push(validates())
  return said
}

const isNotNull = (definition: readonly Token[]): boolean =>
  hasWords(definition, 'not', 'null') || hasWords(definition, 'primary', 'key')

const lacksDefault = (column: string): Said => ({
  rule: 'not-null-without-default',
  severity: 'error',
  reason: `Fails on every tenant that has rows: ${column} would be empty in them.`,
  safer:
    'Give it a constant default, or add it without not null, fill it with a batch migration and set not null later.',
})

const volatileDefault = (column: string, cause: string): Said => ({
  rule: 'volatile-default',
  severity: 'warning',
  reason: `${cause} gives ${column} a value of its own in every row: the table is rewritten while nobody else may use it.`,
  safer: 'Add the column without it, set the default in the next statement, and fill old rows with a batch migration.',
})

const SERIALS = ['serial', 'bigserial', 'smallserial', 'serial2', 'serial4', 'serial8']

/** What makes PostgreSQL write every row for the new column; null when nothing does. */
function rewritesFor(definition: readonly Token[]): string | null {
  if (isWord(definition[0], ...SERIALS)) return definition[0]?.value ?? null
  if (hasWords(definition, 'as', 'identity')) return 'identity'
  if (hasWords(definition, 'generated', 'always', 'as') && hasWords(definition, 'stored')) return 'a stored expression'
  const at = findWords(definition, 'default')
  if (at < 0) return null
  const unsteady = unsteadyFunction(endOfDefault(definition.slice(at + 1)))
  return unsteady === undefined ? null : `${unsteady}()`
}

const AFTER_DEFAULT = ['constraint', 'check', 'references', 'unique', 'primary', 'generated']

/** The default's own tokens, without the column constraints that may follow. */
function endOfDefault(tokens: readonly Token[]): readonly Token[] {
  const ends = AFTER_DEFAULT.map(word => findWords(tokens, word)).filter(index => index >= 0)
  return tokens.slice(0, Math.min(...ends, tokens.length))
}
