import type { ReadTx, Space } from '../../../connections/postgres/database.ts'
import { quoteIdentifier } from '../../../connections/postgres/identifier.ts'
import type { HashedColumn } from './row-hash.ts'

export interface ComparedColumn {
  name: string
  type: string
  /** Position in the primary key, from 1; null outside it. */
  keyPosition: number | null
  /** The type is one of the schema itself, so each side has its own. */
  isOwnType: boolean
}

const COLUMNS = `select r.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    (select array_position(k.conkey, a.attnum) from pg_constraint k where k.conrelid = r.oid and k.contype = 'p') as "keyPosition",
    exists (select from pg_type t left join pg_type e on e.oid = t.typelem
      where t.oid = a.atttypid and n.oid in (t.typnamespace, e.typnamespace)) as "isOwnType"
  from pg_namespace n
  join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_class'::regclass
  join pg_class r on r.oid = d.objid and r.relkind in ('r', 'p') and not r.relispartition
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  where n.nspname = $1 order by r.relname collate "C", a.attnum`

/** Columns of every table of a schema, in their order. */
export async function readColumns<S extends Space>(
  tx: ReadTx<S>,
  schema: string,
): Promise<Map<string, ComparedColumn[]>> {
  const found = await tx.rows<ComparedColumn & { table: string }>({ text: COLUMNS, values: [schema] })
  const tables = new Map<string, ComparedColumn[]>()
  for (const { table, ...column } of found) {
    // A type of the schema itself is the same type on both sides.
    const type = column.type.replace(`${quoted(schema)}.`, '')
    const columns = tables.get(table)
    if (columns === undefined) tables.set(table, [{ ...column, type }])
    else columns.push({ ...column, type })
  }
  return tables
}

/** As the server quotes: only where it must. */
const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteIdentifier(name))

export interface KeyColumn {
  name: string
  /** The types of the two sides are not the same one, so values are compared as text. */
  isText: boolean
}

/** How rows of the two sides are told apart and compared. */
export interface TablePair {
  /** Columns that both have, in the order of the left side; hashed alike, so a type that differs is compared as text. */
  common: HashedColumn[]
  /** Columns of both, in the same order and of the same types. */
  isSame: boolean
  /** In key order; empty where the two have no common primary key. */
  key: KeyColumn[]
  note: string | null
}

/** Of no value that is hashed as it is. */
const AS_TEXT = 'different types'

export function pairOf(left: readonly ComparedColumn[], right: readonly ComparedColumn[]): TablePair {
  const rightByName = new Map(right.map(column => [column.name, column]))
  const leftNames = new Set(left.map(column => column.name))
  const common = left.filter(column => rightByName.has(column.name))
  const missing = left.filter(column => !rightByName.has(column.name)).map(column => column.name)
  const extra = right.filter(column => !leftNames.has(column.name)).map(column => column.name)
  const retyped = left.filter(column => (rightByName.get(column.name)?.type ?? column.type) !== column.type)
  const isSame =
    missing.length + extra.length + retyped.length === 0 &&
    left.every((column, index) => column.name === right[index]?.name)
  const notes = [
    missing.length === 0 ? [] : `only in the archive: ${missing.join(', ')}`,
    extra.length === 0 ? [] : `only in live: ${extra.join(', ')}`,
    retyped.length === 0 ? [] : `of another type: ${retyped.map(column => column.name).join(', ')}`,
  ].flat()
  const hashed = common.map(({ name, type }) => ({ name, type: rightByName.get(name)?.type === type ? type : AS_TEXT }))
  return {
    common: hashed,
    isSame,
    key: keyOf(left, right),
    note: notes.length === 0 ? null : `Columns ${notes.join('; ')}`,
  }
}

function keyOf(left: readonly ComparedColumn[], right: readonly ComparedColumn[]): KeyColumn[] {
  const inKey = (columns: readonly ComparedColumn[]) =>
    columns.filter(column => column.keyPosition !== null).sort((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0))
  const [a, b] = [inKey(left), inKey(right)]
  const isSameKey = a.length === b.length && a.every(column => b.some(other => other.name === column.name))
  if (!isSameKey) return []
  return a.map(({ name, type, isOwnType }) => ({
    name,
    isText: isOwnType || b.find(other => other.name === name)?.type !== type,
  }))
}

export const joinOn = (key: readonly KeyColumn[], left: string, right: string): string =>
  key
    .map(({ name, isText }) => {
      const column = quoteIdentifier(name)
      return isText ? `${left}.${column}::text = ${right}.${column}::text` : `${left}.${column} = ${right}.${column}`
    })
    .join(' and ')
