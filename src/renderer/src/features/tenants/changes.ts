import type { Json } from '#shared/json.ts'

export interface Change {
  /** Dotted path. */
  field: string
  /** Absent where there was nothing. */
  before?: Json
  after?: Json
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What differs between two states, field by field; objects are looked into. */
export function changesOf(before: Json | null, after: Json | null): Change[] {
  return differences('', before ?? undefined, after ?? undefined)
}

function differences(path: string, before: Json | undefined, after: Json | undefined): Change[] {
  if (isObject(before) || isObject(after)) {
    const left = isObject(before) ? before : {}
    const right = isObject(after) ? after : {}
    const names = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...names].flatMap(name => differences(path === '' ? name : `${path}.${name}`, left[name], right[name]))
  }
  if (JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return []
  return [
    {
      field: path === '' ? 'value' : path,
      ...(before == null ? {} : { before }),
      ...(after == null ? {} : { after }),
    },
  ]
}
