import type { GridRange } from '../../components/grid/types.ts'

/**
 * What is known of the pages of one ordered table: where each begins and how many rows it has. It costs a few bytes a page, so
 * that the rows themselves can be dropped and read again by their page's cursor, without reading what lies before.
 */
export interface PageLedger {
  pages: readonly KnownPage[]
  /** Cursor of the page after the last known one; undefined for the first page, null at the end of the table. */
  next: string | null | undefined
  /** Rows that were known before a page came back different; what is on screen keeps its place until it is read again. */
  held: number
}

export interface KnownPage {
  cursor: string | undefined
  /** Index of its first row in the table as it was read. */
  start: number
  count: number
}

export const EMPTY_LEDGER: PageLedger = { pages: [], next: undefined, held: 0 }

/** Browsers lay out nothing beyond 2^25 pixels, half of that when zoomed to 200 %; rows are 32 pixels high. */
export const MAX_ROWS = 500_000

export const knownRows = ({ pages }: PageLedger): number => {
  const last = pages.at(-1)
  return last === undefined ? 0 : last.start + last.count
}

/** Rows that the grid shows, loaded or not. */
export const shownRows = (ledger: PageLedger): number =>
  ledger.next === null ? knownRows(ledger) : Math.max(knownRows(ledger), ledger.held)

/** Whether the last row of the table was reached. */
export const isComplete = ({ next }: PageLedger): boolean => next === null

export const hasMore = (ledger: PageLedger): boolean => ledger.next !== null && knownRows(ledger) < MAX_ROWS

export const cursorOf = (ledger: PageLedger, index: number): string | undefined =>
  index < ledger.pages.length ? ledger.pages[index]?.cursor : (ledger.next ?? undefined)

/**
 * Notes a page that was read. A page may come back different, since others write to the table: then what lay behind it begins
 * elsewhere and is read anew. `lastSeen` is the last row on screen, which must not jump meanwhile.
 */
export function recordPage(
  ledger: PageLedger,
  index: number,
  page: { count: number; nextCursor: string | null; lastSeen: number },
): PageLedger {
  const { pages } = ledger
  if (index > pages.length) return ledger
  const known = pages[index]
  const after = index + 1 < pages.length ? pages[index + 1]?.cursor : ledger.next
  if (known?.count === page.count && after === page.nextCursor) return ledger
  const before = pages[index - 1]
  const start = before === undefined ? 0 : before.start + before.count
  return {
    pages: [...pages.slice(0, index), { cursor: cursorOf(ledger, index), start, count: page.count }],
    next: page.nextCursor,
    held: Math.min(page.lastSeen + 1, shownRows(ledger)),
  }
}

/** The pages that rows `first` to `last` lie in, and the next unknown one where they reach beyond what is known. */
export function pagesFor(ledger: PageLedger, { first, last }: GridRange): number[] {
  const wanted: number[] = []
  for (let index = pageAt(ledger, first); index < ledger.pages.length; index += 1) {
    if ((ledger.pages[index]?.start ?? 0) > last) break
    wanted.push(index)
  }
  if (last >= knownRows(ledger) && hasMore(ledger)) wanted.push(ledger.pages.length)
  // Behind the end, and in an empty table, the last page says whether it still is the end.
  return wanted.length === 0 ? [ledger.pages.length - 1] : wanted
}

/** Index of the page that holds a row; the first page for rows before it, one beyond the last for rows behind it. */
function pageAt({ pages }: PageLedger, row: number): number {
  let low = 0
  let high = pages.length
  while (low < high) {
    const middle = (low + high) >> 1
    const page = pages[middle]
    if (page !== undefined && page.start + page.count <= row) low = middle + 1
    else high = middle
  }
  return low
}

/** Cursors of the pages to keep in memory: the `limit` that are nearest to those wanted. */
export function pagesToKeep(ledger: PageLedger, wanted: readonly number[], limit: number): Set<string | undefined> {
  const middle = ((wanted[0] ?? 0) + (wanted.at(-1) ?? 0)) / 2
  const from = Math.max(Math.min(Math.ceil(middle - limit / 2), ledger.pages.length - limit + 1), 0)
  const kept = new Set<string | undefined>()
  for (let index = from; index < from + limit && index <= ledger.pages.length; index += 1) {
    kept.add(cursorOf(ledger, index))
  }
  return kept
}
