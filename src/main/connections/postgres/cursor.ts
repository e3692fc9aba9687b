import { z } from 'zod'
import { invalidInput } from '#shared/errors.ts'

const Parts = z.array(z.string().nullable())

/** The key of a page's last row, as an opaque text. Values are PostgreSQL's own text forms, so nothing is rounded. */
export const encodeCursor = (parts: readonly (string | null)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** Rejects with INVALID_INPUT what `encodeCursor` did not make, or made for another number of columns. */
export function decodeCursor(cursor: string, length: number): (string | null)[] {
  try {
    const parts = Parts.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (parts.length === length) return parts
  } catch {
    // Falls through to the one message.
  }
  throw invalidInput({ cursor: 'This cursor does not belong to this list.' })
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** A page out of `limit + 1` rows asked for: the extra row only says that there are more. `keyOf` gives the cursor's columns. */
export function cutPage<T>(rows: readonly T[], limit: number, keyOf: (row: T) => readonly (string | null)[]): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const isLastPage = rows.length <= limit || last === undefined
  return { items, nextCursor: isLastPage ? null : encodeCursor(keyOf(last)) }
}
