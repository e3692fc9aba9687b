import { open } from 'node:fs/promises'
import { type FieldValue, forEachRow, type RowView, readField } from '../archive/copy-text.ts'
import { damaged } from '../archive/manifest.ts'
import { toCell, toCellColumn } from '../browse/cells.ts'
import type { DifferenceList } from './difference-list.ts'
import type { Side } from './sides.ts'
import { isFoundByKey, type TablePlan } from './table-plan.ts'

/** Rows of a live table without a usable key that can be looked at: they cannot be found again, so they are kept as they were. */
const KEPT_ROWS = 10_000
const KEPT_BYTES = 64 * 1024 * 1024
const WRITE_BYTES = 1024 * 1024

/** A row that is listed, but whose key is too long to be kept. */
export const NOT_KEPT = -1

/**
 * Writes down, one line of JSON a row, what is needed to show the rows that only the live side has: their keys, or the masked rows
 * themselves. Reads the table again in the same snapshot, in which its rows come in the same order. Each row's partner in the list
 * becomes its place in the file.
 */
export async function keepLiveOnly(
  { plan, side, path }: { plan: TablePlan; side: Side; path: string },
  list: DifferenceList,
): Promise<void> {
  if (list.listed === 0) return
  const isByKey = isFoundByKey(plan)
  const { columns, text } = side.text(plan.right, isByKey ? plan.key : plan.right.columns.map(column => column.name))
  const shown = columns.map(toCellColumn)
  const lineOf = (row: RowView): string | undefined => {
    const values = columns.map((_, field) => readField(row, field))
    if (!isByKey) return JSON.stringify(values.map((value, field) => toCell(value, shown[field])))
    return values.every(isShort) ? JSON.stringify(values) : undefined
  }
  const file = await open(path, 'wx', 0o600)
  try {
    const lines = new Lines(list, isByKey ? Infinity : KEPT_ROWS)
    let ordinal = 0
    const onRow = (row: RowView) => {
      if (lines.isNext(ordinal++)) lines.add(lineOf(row))
    }
    const flushed = flushing(text, async isEnd => {
      const bytes = lines.take(isEnd ? 0 : WRITE_BYTES)
      if (bytes !== undefined) await file.appendFile(bytes)
    })
    await forEachRow(flushed, onRow, () => damaged('the live table ended inside a row'))
    list.cut(lines.listed)
  } finally {
    await file.close()
  }
}

const isShort = (value: FieldValue): boolean => value === null || typeof value === 'string'

async function* flushing(
  text: AsyncIterable<Buffer>,
  flush: (isEnd: boolean) => Promise<void>,
): AsyncGenerator<Buffer> {
  for await (const chunk of text) {
    yield chunk
    await flush(false)
  }
  await flush(true)
}

class Lines {
  listed = 0
  private readonly list: DifferenceList
  private readonly mostRows: number
  private pending: string[] = []
  private pendingBytes = 0
  private position = 0

  constructor(list: DifferenceList, mostRows: number) {
    this.list = list
    this.mostRows = mostRows
  }

  isNext(ordinal: number): boolean {
    const isRoom = this.listed < this.mostRows && this.position < KEPT_BYTES
    return isRoom && this.list.ownAt(this.listed) === ordinal
  }

  add(line: string | undefined): void {
    this.list.setPartner(this.listed++, line === undefined ? NOT_KEPT : this.position)
    if (line === undefined) return
    this.pending.push(line, '\n')
    const bytes = Buffer.byteLength(line) + 1
    this.pendingBytes += bytes
    this.position += bytes
  }

  take(least: number): string | undefined {
    if (this.pendingBytes <= least) return undefined
    const text = this.pending.join('')
    this.pending = []
    this.pendingBytes = 0
    return text
  }
}
