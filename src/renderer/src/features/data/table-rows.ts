import type { DataCell, DataColumn } from '#shared/contract/data.ts'

export type DataRow = readonly DataCell[]

/** What a table looked like when its first page was read. */
export interface TableShape {
  columns: readonly DataColumn[]
  /** Some rows, to judge widths by. */
  sample: readonly DataRow[]
}

interface Page {
  columns: readonly DataColumn[]
  rows: readonly DataRow[]
}

/** Rows of pages at their places in the table; everything else is a hole. `starts` are the pages' places, joined by commas. */
export function placeRows(
  length: number,
  starts: string,
  pages: readonly (Page | undefined)[],
): readonly (DataRow | undefined)[] {
  const rows: (DataRow | undefined)[] = []
  rows.length = length
  for (const [index, start] of starts.split(',').entries()) {
    // A page whose place is not noted yet.
    if (start === '') continue
    const page = pages[index]
    for (let offset = 0; page !== undefined && offset < page.rows.length; offset += 1) {
      const place = Number(start) + offset
      if (place < length) rows[place] = page.rows[offset]
    }
  }
  return rows
}

const sameColumn = (one: DataColumn | undefined, other: DataColumn): boolean =>
  one?.name === other.name && one.type === other.type

/** Whether all pages have the columns that the first one had. */
export const hasShape = (pages: readonly (Page | undefined)[], { columns }: TableShape): boolean =>
  pages.every(
    page =>
      page === undefined ||
      (page.columns.length === columns.length &&
        columns.every((column, index) => sameColumn(page.columns[index], column))),
  )
