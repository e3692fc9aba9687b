import { byteSize, clean, label } from './text.ts'

/** What a result looks like before it is laid out: some fields, some tables, each under a title. */
export type Section =
  | { title?: string | undefined; fields: readonly (readonly [string, unknown])[] }
  | { title?: string | undefined; paths: readonly string[]; rows: readonly unknown[] }
  /** Texts as they are, under titles as they are. */
  | { title?: string | undefined; titles: readonly string[]; cells: readonly (readonly string[])[] }

/** The form that fits any result: lists become tables, objects become fields, lists in objects become tables below them. */
export function sectionsOf(value: unknown, title?: string): Section[] {
  if (Array.isArray(value)) return [{ title, paths: pathsOf(value), rows: value }]
  if (!isRecord(value)) return value === undefined ? [] : [{ title, fields: [[title ?? 'Result', value]] }]
  const plain: [string, unknown][] = []
  const tables: Section[] = []
  for (const [key, item] of Object.entries(value)) {
    if (Array.isArray(item) && item.some(isRecord)) tables.push(...sectionsOf(item, label(key)))
    else plain.push(...flatten(key, item))
  }
  return [...(plain.length === 0 ? [] : [{ title, fields: plain }]), ...tables]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function flatten(path: string, value: unknown): [string, unknown][] {
  if (!isRecord(value) || Object.keys(value).length === 0) return [[path, value]]
  return Object.entries(value).flatMap(([key, item]) => flatten(`${path}.${key}`, item))
}

/** Every field that some row has and that fits into one cell. */
function pathsOf(rows: readonly unknown[]): string[] {
  const paths = new Set<string>()
  for (const row of rows.filter(isRecord)) {
    for (const [key, item] of Object.entries(row)) {
      for (const [path, leaf] of flatten(key, item)) if (!Array.isArray(leaf) || !leaf.some(isRecord)) paths.add(path)
    }
  }
  return [...paths]
}

export function at(row: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), row)
}

/** Of a column: the table says what its rows are. */
export const titleOf = (path: string): string => label((path.split('.').at(-1) ?? path).replace(/Bytes$/, ''))

/** Of a field: `keychain.available` → `Keychain available`. */
export const nameOf = (path: string): string => label(path.replace(/Bytes$/, '').replaceAll('.', ' '))

/** Stands for a value that is not there. */
export const ABSENT = '–'

/** One cell. Sizes are known by the names of their fields. */
export function show(path: string, value: unknown): string {
  if (value === null || value === undefined) return ABSENT
  if (/bytes$/i.test(path) && (typeof value === 'string' || typeof value === 'number')) return byteSize(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return clean(value)
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value) && value.length === 0) return ABSENT
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return clean(value.join(', '))
  if (Array.isArray(value) || Object.keys(value).length > 0) return clean(JSON.stringify(value))
  return ABSENT
}
