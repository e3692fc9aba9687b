// biome-ignore-all lint/a11y/useSemanticElements: virtual rows lie where a table element cannot put them.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useId, useImperativeHandle, useRef } from 'react'
import { useColumnWindow } from './column-window.ts'
import { GridHeader } from './GridHeader.tsx'
import { GridRow } from './GridRow.tsx'
import classes from './grid.module.css'
import {
  type GridColumn,
  type GridHandle,
  type GridPosition,
  type GridRange,
  type GridSort,
  HEADER_ROW,
  ROW_HEIGHT,
  TALL_HEADER_HEIGHT,
} from './types.ts'
import { useColumnWidths } from './use-column-widths.ts'
import { useGridKeys } from './use-grid-keys.ts'

const OVERSCAN = 8
/** The next page is asked for when so few rows are left below. */
const FETCH_AHEAD = 40

export interface DataGridProps<Row> {
  label: string
  columns: readonly GridColumn<Row>[]
  /** A hole is a row that is not loaded now. */
  rows: readonly (Row | undefined)[]
  rowKey: (row: Row, index: number) => string
  /** `row`: the keyboard moves by rows and a click opens one. `cell`: it moves by cells and a double click opens. */
  mode: 'row' | 'cell'
  sort?: GridSort | undefined
  onSort?: ((key: string) => void) | undefined
  onOpen?: ((row: Row) => void) | undefined
  /** Follows the keyboard; for a panel beside the grid. */
  onActiveRow?: ((row: Row) => void) | undefined
  /** Called wherever the keyboard or the mouse goes, also where no row is loaded. */
  onMove?: ((position: GridPosition) => void) | undefined
  /** Called with the rows that are drawn, whenever they change; must not change itself. */
  onRange?: ((range: GridRange) => void) | undefined
  onCopied?: ((position: GridPosition) => void) | undefined
  /** Remembers the widths of columns under this name. */
  widthsKey?: string | undefined
  handle?: React.Ref<GridHandle> | undefined
  selectedKey?: string | undefined
  /** All rows there are, where that is known. */
  total?: number | undefined
  hasMore?: boolean
  onEndReached?: (() => void) | undefined
  /** After the last row: loading, failed, the end. */
  tail?: React.ReactNode
}

/** A virtualised table: any number of rows, one tab stop, everything by keyboard. */
export function DataGrid<Row>(props: DataGridProps<Row>) {
  const { columns, rows, hasMore = false, onEndReached } = props
  const gridId = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const widths = useColumnWidths(columns, props.widthsKey)
  const headHeight = columns.some(column => column.detail !== undefined) ? TALL_HEADER_HEIGHT : ROW_HEIGHT
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    paddingStart: headHeight,
    scrollPaddingStart: headHeight,
  })
  const items = virtualizer.getVirtualItems()
  const keys = useGridKeys({ grid: props, gridId, scroller, widths, virtualizer })
  const lastSeen = items.at(-1)?.index ?? 0
  const isNearEnd = hasMore && lastSeen >= rows.length - FETCH_AHEAD
  useEffect(() => {
    if (isNearEnd) onEndReached?.()
  }, [isNearEnd, onEndReached])
  const first = items[0]?.index ?? 0
  const { onRange } = props
  useEffect(() => onRange?.({ first, last: lastSeen }), [onRange, first, lastSeen])
  const active = keys.position
  const seen = useColumnWindow(scroller, widths.starts)
  useImperativeHandle(props.handle, () => ({
    goTo: keys.goTo,
    scrollToTop: () => scroller.current?.scrollTo({ top: 0 }),
    focus: () => scroller.current?.focus(),
  }))
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      className={classes.grid}
      aria-label={props.label}
      aria-rowcount={props.total === undefined ? (hasMore ? -1 : rows.length + 1) : props.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={keys.activeId}
      data-mode={props.mode}
      style={{ '--columns': widths.template, '--head-height': `${headHeight}px` } as React.CSSProperties}
      {...keys.handlers}
    >
      <div
        role="presentation"
        style={{ position: 'relative', height: virtualizer.getTotalSize(), minWidth: widths.total }}
      >
        <GridHeader
          gridId={gridId}
          columns={columns}
          first={seen.first}
          last={seen.last}
          widths={widths}
          sort={props.sort}
          onSort={props.onSort}
          activeColumn={active?.row === HEADER_ROW ? active.column : undefined}
        />
        <div role="rowgroup">
          {items.map(item => {
            const row = rows[item.index]
            const key = row === undefined ? `row ${item.index}` : props.rowKey(row, item.index)
            const isActive = active?.row === item.index
            return (
              <GridRow
                key={key}
                gridId={gridId}
                row={row}
                index={item.index}
                start={item.start}
                columns={columns}
                first={seen.first}
                last={seen.last}
                activeColumn={isActive ? (props.mode === 'row' ? -1 : active.column) : null}
                isSelected={key === props.selectedKey}
                isCopied={isActive && keys.isCopied}
              />
            )
          })}
        </div>
      </div>
      {props.tail !== undefined && <div className={classes.tail}>{props.tail}</div>}
    </div>
  )
}
