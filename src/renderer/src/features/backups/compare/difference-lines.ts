import type { DifferencePage } from '#shared/contract/backup.model.ts'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'

export type DifferenceRow = DifferencePage['rows'][number]
export type DifferenceColumn = DifferencePage['columns'][number]

/** A changed column of a row: what each side holds. */
export interface ChangeLine {
  key: string
  /** The first line of its row, which shows the row's key. */
  isFirst: boolean
  column: DataColumn
  left: DataCell
  right: DataCell
}

/** Columns of an archive as the data grid shows columns: what it does not know of is left open. */
export const asDataColumn = (column: DifferenceColumn): DataColumn => ({
  ...column,
  nullable: true,
  isSortable: false,
  references: null,
})

const textOf = (cell: DataCell): string => (cell === null ? 'NULL' : typeof cell === 'string' ? cell : cell.preview)

/** The primary key of a row in words: `id = 4711`, or the values alone where the key has one column. */
export function keyText(row: DifferenceRow, columns: readonly DifferenceColumn[]): string {
  const cells = row.left ?? row.right ?? []
  const keys = columns.flatMap((column, index) => (column.isPrimaryKey ? [textOf(cells[index] ?? null)] : []))
  return keys.length === 0 ? textOf(cells[0] ?? null) : keys.join(', ')
}

/** The key as the contract takes it: the texts of the key's columns in their order. */
export function keyOf(row: DifferenceRow, columns: readonly DifferenceColumn[]): string[] {
  const cells = row.left ?? row.right ?? []
  return columns.flatMap((column, index) => (column.isPrimaryKey ? [textOf(cells[index] ?? null)] : []))
}

/** One line for each column that differs, in the order of the columns. */
export function changeLines(rows: readonly DifferenceRow[], columns: readonly DifferenceColumn[]): ChangeLine[] {
  return rows.flatMap(row => {
    const key = keyText(row, columns)
    const changed = columns
      .map((column, index) => ({ column, index }))
      .filter(({ column }) => row.changed.includes(column.name))
    return changed.map(({ column, index }, position) => ({
      key,
      isFirst: position === 0,
      column: asDataColumn(column),
      left: row.left?.[index] ?? null,
      right: row.right?.[index] ?? null,
    }))
  })
}
