import type { DataCell } from '#shared/contract/data.ts'
import { isMaskedColumn, MASK } from '../../data/masking.ts'
import type { FieldValue } from '../archive/copy-text.ts'
import { firstCharacters, PREVIEW_CHARACTERS } from '../archive/copy-text-long.ts'
import type { ArchivedColumn } from '../archive/manifest.ts'

/** A column as answers name it. */
export interface CellColumn {
  name: string
  type: string
  isPrimaryKey: boolean
  isMasked: boolean
}

export const toCellColumn = ({ name, type, keyPosition }: ArchivedColumn): CellColumn => ({
  name,
  type,
  isPrimaryKey: keyPosition !== null,
  isMasked: isMaskedColumn(name),
})

/** The one way of an archived value out of the main process: masked, and cut where it is long. */
export function toCell(value: FieldValue, column: CellColumn | undefined): DataCell {
  if (value === null) return null
  if (column === undefined || column.isMasked) return MASK
  if (typeof value !== 'string') return { preview: value.preview, bytes: value.bytes }
  const preview = firstCharacters(value, PREVIEW_CHARACTERS)
  return preview === value ? value : { preview, bytes: Buffer.byteLength(value) }
}

/** Bytes a cell takes in an answer, near enough to bound a page. */
export const cellSize = (cell: DataCell): number =>
  cell === null ? 4 : typeof cell === 'string' ? cell.length + 2 : cell.preview.length + 30

export const rowSize = (cells: readonly DataCell[]): number => cells.reduce((total, cell) => total + cellSize(cell), 0)

/** Columns of the primary key in its order, as positions among the columns; empty without one. */
export const keyFields = (columns: readonly ArchivedColumn[]): number[] =>
  columns
    .map(({ keyPosition }, index) => ({ keyPosition, index }))
    .filter(({ keyPosition }) => keyPosition !== null)
    .sort((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0))
    .map(({ index }) => index)
