// biome-ignore-all lint/a11y/useSemanticElements: virtual rows lie where a table element cannot put them.
import { memo } from 'react'
import classes from './grid.module.css'
import type { GridColumn } from './types.ts'
import { cellId, rowId } from './use-grid-keys.ts'

interface GridRowProps<Row> {
  gridId: string
  /** Undefined while the row is not loaded. */
  row: Row | undefined
  index: number
  /** Pixels from the top of the grid. */
  start: number
  columns: readonly GridColumn<Row>[]
  /** The columns in sight. */
  first: number
  last: number
  /** Null while the keyboard is in another row; −1 when the whole row is active. */
  activeColumn: number | null
  isSelected: boolean
  isCopied: boolean
}

function PlainGridRow<Row>({ gridId, row, index, start, columns, first, last, ...state }: GridRowProps<Row>) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and names the active row or cell.
    <div
      id={rowId(gridId, index)}
      role="row"
      aria-rowindex={index + 2}
      aria-busy={row === undefined}
      aria-selected={state.isSelected}
      className={classes.row}
      data-row={index}
      data-active={state.activeColumn !== null}
      data-selected={state.isSelected}
      style={{ transform: `translateY(${start}px)` }}
    >
      {columns.slice(first, last + 1).map((column, offset) => {
        const columnIndex = first + offset
        const isActive = state.activeColumn === columnIndex
        // Attributes that say nothing are left out: a screen has hundreds of cells, and each is made anew when scrolled to.
        return (
          // biome-ignore lint/a11y/useFocusableInteractive: as above.
          <div
            key={column.id}
            id={isActive ? cellId(gridId, index, columnIndex) : undefined}
            role="gridcell"
            aria-colindex={columnIndex + 1}
            className={classes.cell}
            style={first > 0 ? { gridColumn: columnIndex + 1 } : undefined}
            data-column={columnIndex}
            data-end={column.isEnd === true || undefined}
            data-active={isActive || undefined}
            data-copied={(state.isCopied && isActive) || undefined}
          >
            {row === undefined ? <span className={classes.pending} /> : column.render(row)}
          </div>
        )
      })}
    </div>
  )
}

export const GridRow = memo(PlainGridRow) as typeof PlainGridRow
