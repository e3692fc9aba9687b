import { IconTableOff } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { DataTable } from '#shared/contract/data.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useViewState } from '../../app/view-state.ts'
import { Empty } from '../../components/Empty.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import { type GridHandle, type GridPosition, HEADER_ROW } from '../../components/grid/types.ts'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { formatBytes } from '../../lib/format.ts'
import { dataColumns } from './data-columns.tsx'
import classes from './data-screen.module.css'
import { RowPanel } from './RowPanel.tsx'
import { TableBar } from './TableBar.tsx'
import { TableFailure } from './TableFailure.tsx'
import { TableStatus, TableTail } from './TableStatus.tsx'
import { keyOrder, nextSort, readSort, sortParams } from './table-sort.ts'
import { useTablePages } from './use-table-pages.ts'
import { visibleText } from './visible-text.ts'

interface TableViewProps {
  tenantId: string
  table: string
  /** Estimates of the table list, where it has arrived. */
  facts: DataTable | undefined
}

const TOP: GridPosition = { row: 0, column: 0 }
const keyOf = (_row: unknown, index: number): string => String(index)

/** The rows of one table, read page by page as they are scrolled to, and the row where the keyboard is in full. */
export function TableView({ tenantId, table, facts }: TableViewProps) {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const chosen = readSort(params)
  const pages = useTablePages({
    environmentId: environment.id,
    tenantId,
    table,
    direction: chosen?.direction ?? 'asc',
    ...(chosen === undefined ? {} : { sort: chosen.key }),
  })
  const { shape, rows } = pages
  const columns = useMemo(() => (shape === undefined ? [] : dataColumns(shape)), [shape])
  const grid = useRef<GridHandle>(null)
  const [position, setPosition] = useState<GridPosition>()
  const [isPanelOpen, setPanelOpen] = useState(false)
  const [note, setNote] = useState('')
  const sort = chosen ?? (shape === undefined ? undefined : keyOrder(shape.columns))
  const order = `${chosen?.key} ${chosen?.direction}`
  useEffect(() => {
    if (order !== '') grid.current?.scrollToTop()
  }, [order])
  const onSort = (key: string) => {
    setView(sortParams(nextSort(sort, key)))
    // A click leaves the focus on the button, where arrows would lead nowhere.
    grid.current?.goTo({ row: HEADER_ROW, column: columns.findIndex(column => column.id === key) })
    grid.current?.focus()
  }
  const onMove = (next: GridPosition) => {
    setPosition(next)
    setNote('')
  }
  const onCopied = ({ row, column }: GridPosition) => {
    const cell = rows[row]?.[column] ?? null
    setNote(
      typeof cell === 'object' && cell !== null
        ? `Copied the beginning, of ${formatBytes(cell.bytes)} in all`
        : `Copied ${columns[column]?.title}`,
    )
  }
  const row = Math.max(position?.row ?? 0, 0)
  const goToRow = (next: number) => {
    if (next >= 0 && next < rows.length) grid.current?.goTo({ ...(position ?? TOP), row: next })
  }
  const closePanel = () => {
    setPanelOpen(false)
    grid.current?.focus()
  }
  useShortcut('i', 'Show or hide the row’s details', () => setPanelOpen(!isPanelOpen))
  useShortcut('j', 'Next row', () => goToRow(row + 1))
  useShortcut('k', 'Previous row', () => goToRow(row - 1))
  useShortcut('r', 'Read the rows again', pages.refresh)
  const isEmpty = shape !== undefined && rows.length === 0 && !pages.hasMore && pages.error === null
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the panel from wherever the focus is.
    <div
      className={classes.content}
      onKeyDown={event => {
        if (event.key === 'Escape' && isPanelOpen) closePanel()
      }}
    >
      <TableBar
        table={table}
        pages={pages}
        isPanelOpen={isPanelOpen}
        onPanel={shape === undefined ? undefined : () => setPanelOpen(!isPanelOpen)}
      />
      <div className={classes.body}>
        {shape === undefined && pages.error === null && <GridSkeleton />}
        {(shape === undefined || rows.length === 0) && pages.error !== null && (
          <TableFailure
            tenantId={tenantId}
            table={table}
            pages={pages}
            onUnsorted={() => setView(sortParams(undefined))}
          />
        )}
        {isEmpty && (
          <Empty
            icon={IconTableOff}
            title="No rows"
            description={`${visibleText(table)} is empty: nothing was ever written here, or all of it was deleted.`}
          />
        )}
        {shape !== undefined && !isEmpty && (rows.length > 0 || pages.error === null) && (
          <DataGrid
            handle={grid}
            label={`Rows of ${visibleText(table)}`}
            mode="cell"
            columns={columns}
            rows={rows}
            rowKey={keyOf}
            sort={sort}
            onSort={onSort}
            onMove={onMove}
            onOpen={() => setPanelOpen(true)}
            onCopied={onCopied}
            onRange={pages.onRange}
            selectedKey={isPanelOpen ? String(row) : undefined}
            widthsKey={`data/${table}`}
            hasMore={pages.hasMore}
            tail={<TableTail pages={pages} />}
          />
        )}
        {isPanelOpen && shape !== undefined && (
          <RowPanel
            tenantId={tenantId}
            columns={shape.columns}
            row={rows[row]}
            index={row}
            count={rows.length}
            onGo={goToRow}
            onClose={closePanel}
          />
        )}
      </div>
      {shape !== undefined && <TableStatus pages={pages} facts={facts} sort={sort} note={note} />}
    </div>
  )
}

const GridSkeleton = () => (
  <div style={{ flex: 1 }}>
    <SkeletonRows rows={18} columns={6} />
  </div>
)
