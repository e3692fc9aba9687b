import type { Virtualizer } from '@tanstack/react-virtual'
import { useEffect, useState } from 'react'
import type { DataGridProps } from './DataGrid.tsx'
import { move } from './move.ts'
import { type GridPosition, HEADER_ROW, ROW_HEIGHT } from './types.ts'
import type { ColumnWidths } from './use-column-widths.ts'

const RESIZE_STEP = 16
/** How long a copied cell says so. */
const COPIED_MS = 900

interface GridKeysOptions<Row> {
  grid: DataGridProps<Row>
  gridId: string
  scroller: React.RefObject<HTMLDivElement | null>
  widths: ColumnWidths
  virtualizer: Virtualizer<HTMLDivElement, Element>
}

/** The grid's keyboard and mouse: one focus, an active row or cell that it names, and what keys do there. */
export function useGridKeys<Row>(options: GridKeysOptions<Row>) {
  const { grid, gridId, virtualizer } = options
  const [position, setPosition] = useState<GridPosition>()
  const { isCopied, copy } = useCopied()

  const goTo = (next: GridPosition) => {
    setPosition(next)
    grid.onMove?.(next)
    const row = grid.rows[next.row]
    if (row !== undefined) grid.onActiveRow?.(row)
  }

  const show = (next: GridPosition) => {
    goTo(next)
    reveal(next, options)
  }

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) return
    const from = position ?? { row: HEADER_ROW, column: 0 }
    const next = nextPosition(event, from, options)
    if (next !== undefined) {
      show(next)
    } else if (!runKey(event, from, { ...options, copy })) return
    event.preventDefault()
  }

  const onClick = (event: React.MouseEvent) => {
    const target = positionAt(event)
    if (target === undefined) return
    goTo(target)
    if (grid.mode === 'row' && !isMarking()) activate(target, grid)
  }

  const onDoubleClick = (event: React.MouseEvent) => {
    const target = grid.mode === 'cell' ? positionAt(event) : undefined
    if (target !== undefined) activate(target, grid)
  }

  const onFocus = (event: React.FocusEvent) => {
    if (event.target === event.currentTarget && position === undefined && grid.rows.length > 0) {
      goTo({ row: 0, column: 0 })
    }
  }

  const isRendered = virtualizer.getVirtualItems().some(item => item.index === position?.row)
  return {
    position,
    isCopied,
    goTo: show,
    activeId: activeIdOf(gridId, position, { mode: grid.mode, isRendered }),
    handlers: { onKeyDown, onClick, onDoubleClick, onFocus },
  }
}

function nextPosition<Row>(
  event: React.KeyboardEvent,
  from: GridPosition,
  { grid, scroller }: GridKeysOptions<Row>,
): GridPosition | undefined {
  if (event.shiftKey) return undefined
  const page = Math.max(Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2, 1)
  const size = { rows: grid.rows.length, columns: grid.columns.length, page }
  return move(from, event.key, { ...size, isCtrl: event.ctrlKey || event.metaKey })
}

/** Brings the row into view, and the cell where cells are walked. */
function reveal<Row>(position: GridPosition, { grid, scroller, widths, virtualizer }: GridKeysOptions<Row>): void {
  const isHeader = position.row === HEADER_ROW
  if (!isHeader) virtualizer.scrollToIndex(position.row)
  const element = scroller.current
  if (element === null || (grid.mode === 'row' && !isHeader)) return
  const { start, width } = widths.boundsOf(position.column)
  if (start < element.scrollLeft) element.scrollLeft = start
  else if (start + width > element.scrollLeft + element.clientWidth) {
    element.scrollLeft = start + width - element.clientWidth
  }
}

/** Keys that do something where they are; false for those that mean nothing to a grid. */
function runKey<Row>(
  event: React.KeyboardEvent,
  at: GridPosition,
  options: GridKeysOptions<Row> & { copy: Copy },
): boolean {
  const { grid, gridId, copy } = options
  if (event.shiftKey) return resize(event.key, at, options)
  if (event.key === 'Enter') {
    activate(at, grid)
    return true
  }
  if (event.key === '.' || event.key === 'ContextMenu') {
    const menu = document.getElementById(rowId(gridId, at.row))?.querySelector<HTMLElement>('[data-row-menu]')
    // Opened while the key is still on its way, the menu would close again.
    if (menu != null) setTimeout(() => menu.click())
    return menu != null
  }
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'c') return false
  const row = grid.rows[at.row]
  const text = row === undefined ? null : (grid.columns[at.column]?.copyText?.(row) ?? null)
  // What is marked with the mouse wins.
  if (text === null || isMarking()) return false
  copy(text, () => grid.onCopied?.(at))
  return true
}

function resize<Row>(key: string, at: GridPosition, { grid, widths }: GridKeysOptions<Row>): boolean {
  const column = grid.columns[at.column]
  const step = key === 'ArrowRight' ? RESIZE_STEP : key === 'ArrowLeft' ? -RESIZE_STEP : 0
  if (at.row !== HEADER_ROW || column === undefined || step === 0) return false
  widths.set(column.id, widths.boundsOf(at.column).width + step)
  return true
}

/** A header sorts, a row opens. */
function activate<Row>({ row, column }: GridPosition, grid: DataGridProps<Row>): void {
  const sortKey = grid.columns[column]?.sortKey
  const opened = grid.rows[row]
  if (row === HEADER_ROW && sortKey !== undefined) grid.onSort?.(sortKey)
  else if (opened !== undefined) grid.onOpen?.(opened)
}

const isMarking = (): boolean => window.getSelection()?.isCollapsed === false

/** The cell of a mouse event; nothing where a control in the cell takes it. */
function positionAt(event: React.MouseEvent): GridPosition | undefined {
  const isOnControl = !(event.target instanceof Element) || event.target.closest('a, button, input, [role="menu"]')
  if (isOnControl) return undefined
  const cell = (event.target as Element).closest<HTMLElement>('[data-column]')
  const row = cell?.closest<HTMLElement>('[data-row]')
  if (cell == null || row == null) return undefined
  return { row: Number(row.dataset.row), column: Number(cell.dataset.column) }
}

export const rowId = (gridId: string, row: number): string => `${gridId}-r-${row}`
export const cellId = (gridId: string, row: number, column: number): string => `${rowId(gridId, row)}-c-${column}`
export const headerId = (gridId: string, column: number): string => `${gridId}-h-${column}`

/** The element that has the keyboard, as the grid names it; nothing while it is scrolled out of sight. */
function activeIdOf(
  gridId: string,
  position: GridPosition | undefined,
  { mode, isRendered }: { mode: 'row' | 'cell'; isRendered: boolean },
): string | undefined {
  if (position === undefined) return undefined
  const { row, column } = position
  if (row === HEADER_ROW) return headerId(gridId, column)
  if (!isRendered) return undefined
  return mode === 'row' ? rowId(gridId, row) : cellId(gridId, row, column)
}

type Copy = (text: string, done: () => void) => void

function useCopied() {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), COPIED_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy: Copy = (text, done) => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true)
      done()
    })
  }
  return { isCopied, copy }
}
