// biome-ignore-all lint/a11y/useSemanticElements: virtual rows lie where a table element cannot put them.
import { Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { memo } from 'react'
import classes from './grid.module.css'
import type { GridColumn, GridSort } from './types.ts'
import type { ColumnWidths } from './use-column-widths.ts'
import { headerId } from './use-grid-keys.ts'

interface GridHeaderProps<Row> {
  gridId: string
  columns: readonly GridColumn<Row>[]
  /** The columns in sight. */
  first: number
  last: number
  widths: ColumnWidths
  sort: GridSort | undefined
  onSort: ((key: string) => void) | undefined
  activeColumn: number | undefined
}

function PlainGridHeader<Row>({ gridId, columns, first, last, widths, ...state }: GridHeaderProps<Row>) {
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.headRow} tabIndex={-1}>
        {columns.slice(first, last + 1).map((column, offset) => {
          const index = first + offset
          return (
            // biome-ignore lint/a11y/useFocusableInteractive: the grid holds the focus and names the active cell.
            <div
              key={column.id}
              id={headerId(gridId, index)}
              role="columnheader"
              aria-colindex={index + 1}
              aria-sort={ariaSort(column, state.sort)}
              aria-description={column.hint}
              className={classes.headCell}
              style={{ gridColumn: index + 1 }}
              data-column={index}
              data-last={index === columns.length - 1}
              data-end={column.isEnd === true}
              data-active={state.activeColumn === index}
            >
              <HeaderLabel column={column} sort={state.sort} onSort={state.onSort} />
              {column.detail !== undefined && <span className={classes.detail}>{column.detail}</span>}
              <ResizeHandle column={column} widths={widths} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

export const GridHeader = memo(PlainGridHeader) as typeof PlainGridHeader

type LabelProps<Row> = Pick<GridHeaderProps<Row>, 'sort' | 'onSort'> & { column: GridColumn<Row> }

function HeaderLabel<Row>({ column, sort, onSort }: LabelProps<Row>) {
  const { sortKey } = column
  const label = (
    <span className="truncate">
      {column.mark !== undefined && <span className={classes.mark}>{column.mark}</span>}
      {column.title}
      {column.title === '' && <span className={classes.unseen}>Actions</span>}
    </span>
  )
  if (sortKey === undefined || onSort === undefined) {
    return column.hint === undefined ? label : <Tooltip label={column.hint}>{label}</Tooltip>
  }
  const isSorted = sort?.key === sortKey
  const Arrow = isSorted && sort.direction === 'desc' ? IconArrowDown : IconArrowUp
  return (
    <Tooltip label={`${column.hint === undefined ? '' : `${column.hint} · `}sort`}>
      <button
        type="button"
        tabIndex={-1}
        className={classes.sort}
        data-sorted={isSorted}
        onClick={() => onSort(sortKey)}
      >
        {label}
        <Arrow size={13} stroke={2} aria-hidden />
      </button>
    </Tooltip>
  )
}

function ariaSort<Row>(column: GridColumn<Row>, sort: GridSort | undefined) {
  if (column.sortKey === undefined) return undefined
  if (sort?.key !== column.sortKey) return 'none'
  return sort.direction === 'asc' ? 'ascending' : 'descending'
}

function ResizeHandle<Row>({ column, widths }: { column: GridColumn<Row>; widths: ColumnWidths }) {
  const onPointerDown = (event: React.PointerEvent<HTMLElement>) => {
    event.preventDefault()
    const handle = event.currentTarget
    const start = handle.parentElement?.getBoundingClientRect().width ?? column.width
    const from = event.clientX
    const onMove = (move: PointerEvent) => widths.set(column.id, start + move.clientX - from)
    handle.setPointerCapture(event.pointerId)
    handle.addEventListener('pointermove', onMove)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', onMove), {
      once: true,
    })
  }
  return (
    <span
      className={classes.resize}
      onPointerDown={onPointerDown}
      onDoubleClick={() => widths.reset(column.id)}
      aria-hidden="true"
    />
  )
}
