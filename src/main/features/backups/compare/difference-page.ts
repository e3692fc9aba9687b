import { z } from 'zod'
import type { DifferencePage } from '#shared/contract/backup.model.ts'
import { DataCell } from '#shared/contract/data.ts'
import { AppError } from '#shared/errors.ts'
import type { ReadDb } from '../../../connections/postgres/database.ts'
import { PAGE_BYTES } from '../../data/data.service.ts'
import type { FieldValue } from '../archive/copy-text.ts'
import type { ArchivedColumn } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'
import { type CellColumn, rowSize, toCellColumn } from '../browse/cells.ts'
import type { OpenReaders } from '../browse/open-readers.ts'
import type { Pair } from './difference-list.ts'
import {
  type ArchivedRows,
  type ComparedValue,
  changedNames,
  comparedValues,
  readArchivedRows,
  readLiveRows,
} from './difference-rows.ts'
import { NOT_KEPT } from './live-only.ts'
import {
  type DifferenceKind,
  readLines,
  readPairs,
  type StoredComparison,
  type StoredTable,
} from './stored-comparison.ts'

/** Both sides, opened anew. Live is read as it is now: a row that is gone since shows nothing there. */
export interface OpenedSides {
  left: Archive
  right: Archive | ReadDb<'tenant'>
}

export type DifferenceRow = DifferencePage['rows'][number]

/** Rows read first; their size says how many more fit on the page. */
const FIRST_BATCH = 10

const isArchive = (side: Archive | ReadDb<'tenant'>): side is Archive => 'manifest' in side

export interface PageWork {
  comparison: StoredComparison
  name: string
  table: StoredTable
  kind: DifferenceKind
  sides: OpenedSides
  readers: OpenReaders
  signal: AbortSignal
}

export function shownColumns(table: StoredTable, kind: DifferenceKind): CellColumn[] {
  if (kind === 'onlyLeft') return table.left.map(toCellColumn)
  if (kind === 'onlyRight') return table.right.map(toCellColumn)
  return table.left.filter(column => table.common.includes(column.name)).map(toCellColumn)
}

/** Rows `from` on; fewer than the limit where the page would grow too large. */
export async function differenceRows(work: PageWork, from: number, limit: number): Promise<DifferenceRow[]> {
  const { comparison, table, kind } = work
  const rows: DifferenceRow[] = []
  let bytes = 0
  let asked = Math.min(FIRST_BATCH, limit)
  while (asked > 0) {
    const pairs = await readPairs(comparison, { table, kind, from: from + rows.length, limit: asked + 1 })
    const found = await batchRows(work, pairs.slice(0, asked), pairs[asked])
    for (const { left, right } of found) bytes += rowSize(left ?? []) + rowSize(right ?? [])
    rows.push(...found)
    const fitting = Math.floor(((PAGE_BYTES - bytes) * rows.length) / Math.max(bytes, 1))
    asked = found.length < asked ? 0 : Math.min(limit - rows.length, fitting)
  }
  return rows
}

async function batchRows(work: PageWork, pairs: readonly Pair[], behind: Pair | undefined): Promise<DifferenceRow[]> {
  const shown = shownColumns(work.table, work.kind)
  const own = pairs.map(pair => pair.own)
  switch (work.kind) {
    case 'onlyLeft': {
      const rows = await leftRows(work, own, row => comparedValues(row, work.table.left, shown))
      return rows.map(row => ({ left: cellsOf(row), right: null, changed: [] }))
    }
    case 'onlyRight': {
      if (!isArchive(work.sides.right)) return await liveOnlyRows(work, pairs, behind)
      const toValues = (row: FieldValue[]) => comparedValues(row, work.table.right, shown)
      const rows = await rightRows({ work, archive: work.sides.right }, own, toValues)
      return rows.map(row => ({ left: null, right: cellsOf(row), changed: [] }))
    }
    case 'changed':
      return await changedRows(work, pairs, shown)
  }
}

async function changedRows(
  work: PageWork,
  pairs: readonly Pair[],
  shown: readonly CellColumn[],
): Promise<DifferenceRow[]> {
  const { table, sides } = work
  const left = await leftRows(
    work,
    pairs.map(pair => pair.own),
    row => ({ key: keyOf(row, table), values: comparedValues(row, table.left, shown) }),
  )
  const right = isArchive(sides.right)
    ? await rightRows(
        { work, archive: sides.right },
        pairs.map(pair => pair.partner),
        row => comparedValues(row, table.right, shown),
      )
    : await liveRowsOf(
        work,
        left.map(row => row.key),
        shown,
      )
  return left.map(({ values }, index) => {
    const theirs = right[index]
    if (theirs === undefined) return { left: cellsOf(values), right: null, changed: [] }
    return { left: cellsOf(values), right: cellsOf(theirs), changed: changedNames(values, theirs, shown) }
  })
}

const Key = z.array(z.string())
const Kept = z.array(DataCell)

async function liveOnlyRows(
  work: PageWork,
  pairs: readonly Pair[],
  behind: Pair | undefined,
): Promise<DifferenceRow[]> {
  const { comparison, table } = work
  const end = behind === undefined || behind.partner === NOT_KEPT ? undefined : behind.partner
  const lines = await readLines(comparison, table, { pairs, end })
  if (!table.isFoundByKey) {
    return lines.map(line => ({ left: null, right: Kept.optional().parse(line) ?? null, changed: [] }))
  }
  const keys = lines.map(line => Key.optional().parse(line))
  const rows = await liveRowsOf(work, keys, shownColumns(table, 'onlyRight'))
  return rows.map(row => ({ left: null, right: row === undefined ? null : cellsOf(row), changed: [] }))
}

async function liveRowsOf(
  { name, table, sides }: PageWork,
  keys: readonly (string[] | undefined)[],
  shown: readonly CellColumn[],
): Promise<(ComparedValue[] | undefined)[]> {
  if (isArchive(sides.right)) throw new AppError('INTERNAL', 'An archive was taken for the live side.')
  const keyColumns = table.key.flatMap(key => table.right.find(column => column.name === key) ?? [])
  const known = keys.filter(key => key !== undefined)
  const found = await readLiveRows({ db: sides.right, table: name, keyColumns }, known, shown)
  let next = 0
  return keys.map(key => (key === undefined ? undefined : found[next++]))
}

/** A key too long to be collected is found nowhere. */
function keyOf(row: readonly FieldValue[], table: StoredTable): string[] | undefined {
  const values = table.key.map(name => row[indexOf(table.left, name)] ?? null)
  return values.every(value => typeof value === 'string') ? values : undefined
}

const indexOf = (columns: readonly ArchivedColumn[], name: string): number =>
  columns.findIndex(column => column.name === name)

const cellsOf = (values: readonly ComparedValue[]) => values.map(value => value.cell)

type RowUse<T> = (row: FieldValue[]) => T

const leftRows = <T>(work: PageWork, ordinals: readonly number[], use: RowUse<T>): Promise<T[]> =>
  readArchivedRows(walkOf(work, work.sides.left, 'left'), { ordinals, use }, work.signal)

const rightRows = <T>(
  { work, archive }: { work: PageWork; archive: Archive },
  ordinals: readonly number[],
  use: RowUse<T>,
): Promise<T[]> => readArchivedRows(walkOf(work, archive, 'right'), { ordinals, use }, work.signal)

function walkOf({ comparison, name, kind, readers }: PageWork, archive: Archive, side: string): ArchivedRows {
  const place = `${comparison.report.comparisonId} ${side} ${kind} ${name}`
  return { archive, table: name, readers, place }
}
