import { AppError } from '#shared/errors.ts'

export interface NamesToRemove {
  /** The tenant's schema. */
  schema: string
  /** The schema of citext, which lies behind the tenant's in the search path. */
  extensions: string
}

type Kind = 'name' | 'text' | 'other' | 'space'
interface Token {
  kind: Kind
  text: string
}

/**
 * What pg_dump --schema-only wrote, as statements that build the same objects in whatever schema the search path begins with: without
 * the schema before names, without its creation, without settings of the session and without commands for psql.
 * @throws AppError CONFLICT `{ reason: 'schema-named' }` when the name remains where leaving it out would change a meaning: in the
 * body of a function, in a value
 */
export function withoutSchemaName(dump: string, names: NamesToRemove): string {
  const statements = statementsOf(dump).filter(isDefinition)
  const free = statements.map(tokens => unqualified(tokens, names))
  const kept = free.filter(text => !(/^COMMENT ON /.test(text) && mentions(text, names.schema)))
  for (const text of kept) if (mentions(text, names.schema)) throw stillNamed(text, names.schema)
  // Functions may call what is defined after them.
  return `SET LOCAL check_function_bodies TO off;\n\n${kept.map(text => `${text};\n`).join('\n')}`
}

/** One token after the other; names may hold any character when quoted, texts may be quoted in three ways. */
const TOKEN =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/|^\\(?:un)?restrict [^\n]*$)|(?<text>[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?\$\k<tag>\$)|(?<name>"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)|(?<other>::|[\s\S])/gmu

function* tokensOf(dump: string): Generator<Token> {
  for (const match of dump.matchAll(TOKEN)) {
    const groups = match.groups ?? {}
    const kind: Kind =
      groups.space !== undefined
        ? 'space'
        : groups.text !== undefined
          ? 'text'
          : groups.name !== undefined
            ? 'name'
            : 'other'
    yield { kind, text: match[0] }
  }
}

/** Cut at the semicolons; those of `BEGIN ATOMIC … END` lie inside their statement. */
function statementsOf(dump: string): Token[][] {
  const statements: Token[][] = []
  let present: Token[] = []
  let depth = 0
  for (const token of tokensOf(dump)) {
    if (token.kind === 'name') depth += depthChange(token.text, present, depth)
    if (token.text === ';' && token.kind === 'other' && depth === 0) {
      statements.push(present)
      present = []
    } else if (token.kind !== 'space') {
      present.push(token)
    } else if (present.length > 0) {
      present.push({ kind: 'space', text: isComment(token.text) ? ' ' : token.text })
    }
  }
  if (present.some(token => token.kind !== 'space')) statements.push(present)
  return statements
}

const isComment = (text: string): boolean => text.startsWith('--') || text.startsWith('/*')

function depthChange(word: string, before: readonly Token[], depth: number): number {
  const last = before.findLast(token => token.kind !== 'space')?.text
  if (word === 'ATOMIC' && last === 'BEGIN') return 1
  if (depth > 0 && word === 'CASE') return 1
  return depth > 0 && word === 'END' ? -1 : 0
}

const SESSION = /^(SET |SELECT pg_catalog\.set_config|CREATE SCHEMA |ALTER SCHEMA |COMMENT ON SCHEMA )/

const isDefinition = (tokens: readonly Token[]): boolean =>
  !SESSION.test(
    tokens
      .slice(0, 12)
      .map(token => token.text)
      .join('')
      .trimStart(),
  )

function unqualified(tokens: readonly Token[], names: NamesToRemove): string {
  const parts: string[] = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token === undefined) break
    if (token.kind === 'name' && tokens[index + 1]?.text === '.' && tokens[index - 1]?.text !== '.') {
      const name = plain(token.text)
      if (name === names.schema || name === names.extensions) {
        index++
        continue
      }
    }
    const isReference = token.kind === 'text' && tokens[index + 1]?.text === '::' && isReg(tokens[index + 2]?.text)
    parts.push(isReference ? withoutPrefix(token.text, names.schema) : token.text)
  }
  return parts.join('').trim()
}

const isReg = (type: string | undefined): boolean => type?.startsWith('reg') === true

const plain = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name)

/** `'tenant_acme.numbers'` → `'numbers'`, as in nextval('…'::regclass). */
function withoutPrefix(literal: string, schema: string): string {
  const forms = [schema, `"${schema.replaceAll('"', '""')}"`].map(form => `'${form.replaceAll("'", "''")}.`)
  const found = forms.find(form => literal.startsWith(form))
  return found === undefined ? literal : `'${literal.slice(found.length)}`
}

/** As a whole word: the name of one tenant may begin another's. */
function mentions(text: string, schema: string): boolean {
  const word = schema.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${word}(?![\\p{L}\\p{N}_$])`, 'u').test(text)
}

const SHOWN = 80

const stillNamed = (statement: string, schema: string): AppError =>
  new AppError(
    'CONFLICT',
    `A definition names the schema ${schema} itself, so it would mean this one wherever it is restored.`,
    {
      hint: 'Leave the schema out in that definition: its objects are found through the search path. Then try again.',
      details: { reason: 'schema-named', statement: statement.replace(/\s+/g, ' ').slice(0, SHOWN) },
    },
  )
