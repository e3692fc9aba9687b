import { type GridPosition, HEADER_ROW } from './types.ts'

interface GridSize {
  rows: number
  columns: number
  /** Rows that are seen at once. */
  page: number
}

/** Where a key leads from a position; undefined for a key that does not move. Ctrl makes Home and End mean the whole grid. */
export function move(from: GridPosition, key: string, grid: GridSize & { isCtrl: boolean }): GridPosition | undefined {
  const { row, column } = from
  const last = { row: grid.rows - 1, column: grid.columns - 1 }
  const to = (nextRow: number, nextColumn: number): GridPosition => ({
    row: Math.min(Math.max(nextRow, HEADER_ROW), last.row),
    column: Math.min(Math.max(nextColumn, 0), last.column),
  })
  switch (key) {
    case 'ArrowDown':
      return to(row + 1, column)
    case 'ArrowUp':
      return to(row - 1, column)
    case 'ArrowRight':
      return to(row, column + 1)
    case 'ArrowLeft':
      return to(row, column - 1)
    case 'PageDown':
      return to(row + grid.page, column)
    case 'PageUp':
      return to(Math.max(row - grid.page, 0), column)
    case 'Home':
      return grid.isCtrl ? to(0, 0) : to(row, 0)
    case 'End':
      return grid.isCtrl ? to(last.row, last.column) : to(row, last.column)
    default:
      return undefined
  }
}
