import { hash } from 'node:crypto'
import type { DataCell } from '#shared/contract/data.ts'
import type { ReadDb } from '../../../connections/postgres/database.ts'
import { type FieldValue, readRow } from '../archive/copy-text.ts'
import { type ArchivedColumn, damaged } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'
import { type CellColumn, toCell } from '../browse/cells.ts'
import type { OpenReaders } from '../browse/open-readers.ts'
import { TableReader } from '../browse/table-reader.ts'
import { type LiveRow, selectLiveRows } from './live-rows.repository.ts'

/** A value of either side: how it is shown, and a hash that tells whether two are equal. The hash never leaves this process. */
export interface ComparedValue {
  cell: DataCell
  hash: string | null
}

const hashOf = (value: FieldValue): string | null =>
  value === null ? null : typeof value === 'string' ? hash('sha256', value, 'hex') : value.sha256

export interface ArchivedRows {
  archive: Archive
  table: string
  readers: OpenReaders
  /** What tells this walk through the table from others. */
  place: string
}

export interface WantedRows<T> {
  ordinals: readonly number[]
  /** What is kept of each row. */
  use: (row: FieldValue[]) => T
}

/**
 * Rows of an archive at given places, in the order asked for. A walk that only goes forward reads the table once, over all its
 * pages; rows behind the present one cost a new beginning.
 */
export async function readArchivedRows<T>(
  { archive, table, readers, place }: ArchivedRows,
  { ordinals, use }: WantedRows<T>,
  signal: AbortSignal,
): Promise<T[]> {
  if (ordinals.length === 0) return []
  const sorted = [...ordinals].sort((a, b) => a - b)
  let reader = readers.take(place)
  if (reader !== undefined && reader.offset > (sorted[0] ?? 0)) {
    await reader.close()
    reader = undefined
  }
  const open = reader ?? new TableReader(archive, archive.table(table))
  const onAbort = () => void open.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) await open.close()
    const found = new Map<number, T>()
    for (const ordinal of sorted) {
      await open.skipTo(ordinal)
      const row = await open.next()
      if (row === undefined) throw damaged(`table "${table}" ends before its row ${ordinal + 1}`)
      found.set(ordinal, use(readRow(row)))
    }
    await readers.keep(place, open)
    // Each was found: otherwise the walk has thrown.
    return ordinals.map(ordinal => found.get(ordinal) as T)
  } catch (error) {
    await open.close()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Fields of a row of `columns`, in the order of the columns that are shown. */
export function comparedValues(
  row: readonly FieldValue[],
  columns: readonly ArchivedColumn[],
  shown: readonly CellColumn[],
): ComparedValue[] {
  return shown.map(column => {
    const value = row[columns.findIndex(candidate => candidate.name === column.name)] ?? null
    return { cell: toCell(value, column), hash: hashOf(value) }
  })
}

export interface LiveRows {
  db: ReadDb<'tenant'>
  table: string
  keyColumns: readonly ArchivedColumn[]
}

/** Rows as they are now, in the order of the keys; undefined for one that is gone. */
export async function readLiveRows(
  { db, table, keyColumns }: LiveRows,
  keys: readonly (readonly string[])[],
  shown: readonly CellColumn[],
): Promise<(ComparedValue[] | undefined)[]> {
  if (keys.length === 0) return []
  const rows = await db.read(tx => selectLiveRows(tx, { table, columns: shown, keyColumns, keys }))
  const byKey = new Map(rows.map(row => [JSON.stringify(row.key), row]))
  return keys.map(key => {
    const row = byKey.get(JSON.stringify(key))
    return row === undefined ? undefined : shown.map((column, index) => liveValue(row, column, index))
  })
}

function liveValue(row: LiveRow, column: CellColumn, index: number): ComparedValue {
  const text = row.cells[index] ?? null
  const bytes = row.sizes[index] ?? null
  const cell = bytes === null || text === null ? toCell(text, column) : { preview: text, bytes }
  return { cell, hash: row.hashes[index] ?? null }
}

export const changedNames = (
  left: readonly ComparedValue[],
  right: readonly ComparedValue[],
  shown: readonly CellColumn[],
): string[] => shown.flatMap(({ name }, index) => (left[index]?.hash === right[index]?.hash ? [] : name))
