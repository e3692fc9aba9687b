import { useMemo, useState } from 'react'
import type { GridColumn } from './types.ts'
import { type ChosenWidths, useWidthStore } from './width-store.ts'

const MIN_WIDTH = 56
const MAX_WIDTH = 900

export interface ColumnWidths {
  /** For `grid-template-columns`. */
  template: string
  /** The least width of a row, in pixels. */
  total: number
  /** Pixels from the left edge of the grid to each column; where columns grow, the least it can be. */
  starts: readonly number[]
  /** The start of a column, and its width. */
  boundsOf(index: number): { start: number; width: number }
  set(id: string, width: number): void
  reset(id: string): void
}

const NONE: ChosenWidths = {}

/** Widths as people set them; the others as the columns say. Under a key they are remembered between starts. */
export function useColumnWidths<Row>(columns: readonly GridColumn<Row>[], key?: string): ColumnWidths {
  const [own, setOwn] = useState(NONE)
  const stored = useWidthStore(state => (key === undefined ? undefined : state.grids[key]))
  const store = useWidthStore(state => state.set)
  const chosen = key === undefined ? own : (stored ?? NONE)
  return useMemo(() => {
    const choose = (widths: ChosenWidths) => (key === undefined ? setOwn(widths) : store(key, widths))
    const widths = columns.map(column => chosen[column.id] ?? column.width)
    const starts: number[] = []
    let total = 0
    for (const width of widths) {
      starts.push(total)
      total += width
    }
    const track = (column: GridColumn<Row>, index: number) =>
      column.canGrow === true && chosen[column.id] === undefined
        ? `minmax(${widths[index]}px, 1fr)`
        : `${widths[index]}px`
    return {
      template: columns.map(track).join(' '),
      total,
      starts,
      boundsOf: index => ({ start: starts[index] ?? 0, width: widths[index] ?? 0 }),
      set: (id, width) => choose({ ...chosen, [id]: Math.round(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH)) }),
      reset: id => {
        const { [id]: _gone, ...rest } = chosen
        choose(rest)
      },
    }
  }, [columns, chosen, key, store])
}
