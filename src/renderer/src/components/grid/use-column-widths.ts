import { useMemo, useState } from 'react'
import type { GridColumn } from './types.ts'

const MIN_WIDTH = 56
const MAX_WIDTH = 900

export interface ColumnWidths {
  /** For `grid-template-columns`. */
  template: string
  /** The least width of a row, in pixels. */
  total: number
  /** Pixels from the left edge of the grid to the column, and the column's width. */
  boundsOf(index: number): { start: number; width: number }
  set(id: string, width: number): void
  reset(id: string): void
}

/** Widths as people set them; the others as the columns say. */
export function useColumnWidths<Row>(columns: readonly GridColumn<Row>[]): ColumnWidths {
  const [chosen, setChosen] = useState<Readonly<Record<string, number>>>({})
  return useMemo(() => {
    const widths = columns.map(column => chosen[column.id] ?? column.width)
    const track = (column: GridColumn<Row>, index: number) =>
      column.canGrow === true && chosen[column.id] === undefined
        ? `minmax(${widths[index]}px, 1fr)`
        : `${widths[index]}px`
    return {
      template: columns.map(track).join(' '),
      total: widths.reduce((sum, width) => sum + width, 0),
      boundsOf: index => ({
        start: widths.slice(0, index).reduce((sum, width) => sum + width, 0),
        width: widths[index] ?? 0,
      }),
      set: (id, width) =>
        setChosen(before => ({ ...before, [id]: Math.round(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH)) })),
      reset: id => setChosen(({ [id]: _gone, ...rest }) => rest),
    }
  }, [columns, chosen])
}
