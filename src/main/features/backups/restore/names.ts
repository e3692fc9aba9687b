import { MAX_IDENTIFIER_BYTES } from '../../../connections/postgres/identifier.ts'

/** Schemas that a restore makes beside the live one. */
export interface RestoreNames {
  /** Beside live, until the swap. */
  side: string
  /** What was live before the swap. */
  before: string
  /** What an undo took away again. */
  undone: string
  /** For a check that nobody swaps. */
  scratch: string
}

const WORDS = { side: 'restore', before: 'before', undone: 'undone', scratch: 'scratch' } as const
export type KeptKind = keyof typeof WORDS

const KINDS = new Map<string, KeptKind>(Object.entries(WORDS).map(([kind, word]) => [word, kind as KeptKind]))
/** Of the id: with the second, two restores of tenants with long names that begin alike are told apart. */
const ID_DIGITS = 8
const SUFFIX_BYTES = '__restore_'.length + 'yyyymmddhhmmss'.length + ID_DIGITS
const BASE_BYTES = MAX_IDENTIFIER_BYTES - SUFFIX_BYTES

/** The same as a regular expression of PostgreSQL, for the catalog. */
export const KEPT_PATTERN = `__(${[...KINDS.keys()].join('|')})_[0-9]{14}[0-9a-f]{${ID_DIGITS}}$`
const KEPT = new RegExp(`^(.+)${KEPT_PATTERN}`, 'su')

/** `20260131020000`, UTC. */
const stampOf = (at: Date): string => at.toISOString().replace(/[-T:]/g, '').slice(0, 14)

/** As much of the beginning of a name as fits, in whole characters: half of one would be no UTF-8. */
function cut(name: string, bytes: number): string {
  let kept = ''
  let length = 0
  for (const character of name) {
    length += Buffer.byteLength(character)
    if (length > bytes) break
    kept += character
  }
  return kept
}

/**
 * Names for one restore: at most 63 bytes for any schema name. `restoreId` is a UUID. A name that is taken all the same is refused by
 * CREATE SCHEMA; nothing is ever built into a schema that is there.
 */
export function restoreNames(databaseSchema: string, restoreId: string, at: Date): RestoreNames {
  const base = cut(databaseSchema, BASE_BYTES)
  const end = `${stampOf(at)}${restoreId.replaceAll('-', '').slice(0, ID_DIGITS).toLowerCase()}`
  const name = (kind: KeptKind) => `${base}__${WORDS[kind]}_${end}`
  return { side: name('side'), before: name('before'), undone: name('undone'), scratch: name('scratch') }
}

export interface KeptName {
  /** Beginning of the live schema's name. */
  base: string
  kind: KeptKind
  /** ISO 8601, UTC. */
  at: string
  /** First digits of the restore's id. */
  idDigits: string
}

/** Reads such a name back; undefined for any other. A tenant's own schema may look like one: ask the registry before judging. */
export function parseKeptName(schema: string): KeptName | undefined {
  const [, base, word] = KEPT.exec(schema) ?? []
  const kind = KINDS.get(word ?? '')
  if (base === undefined || kind === undefined) return undefined
  const stamp = schema.slice(-14 - ID_DIGITS, -ID_DIGITS)
  const at = stamp.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6.000Z')
  // 31 February and the like: the name is of somebody else's making.
  const time = new Date(at)
  if (Number.isNaN(time.getTime()) || stampOf(time) !== stamp) return undefined
  return { base, kind, at, idDigits: schema.slice(-ID_DIGITS) }
}
