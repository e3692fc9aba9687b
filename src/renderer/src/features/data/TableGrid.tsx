import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconLayoutSidebarRight, IconRefresh, IconTableOff } from '@tabler/icons-react'
import { useCallback, useMemo, useState } from 'react'
import type { DataTable } from '#shared/contract/data.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useViewState } from '../../app/view-state.ts'
import { usePagedOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import { PageTail } from '../../components/grid/PageTail.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { type DataRow, dataColumns, primaryKeyOf, rowsOf } from './data-columns.tsx'
import classes from './data-screen.module.css'
import { RowPanel } from './RowPanel.tsx'
import { TableStatus } from './TableStatus.tsx'

const PAGE_SIZE = 200

interface TableGridProps {
  tenantId: string
  table: string
  facts: DataTable | undefined
}

const keyOf = (row: DataRow): string => String(row.index)

/** The rows of one table, read page by page as they are scrolled to. */
export function TableGrid({ tenantId, table, facts }: TableGridProps) {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const [row, setRow] = useState<DataRow>()
  const [isPanelOpen, setPanelOpen] = useState(false)
  const sortKey = params.get('sort') ?? undefined
  const direction = params.get('dir') === 'desc' ? 'desc' : 'asc'
  const page = usePagedOperation('data.page', {
    environmentId: environment.id,
    tenantId,
    table,
    limit: PAGE_SIZE,
    direction,
    ...(sortKey === undefined ? {} : { sort: sortKey }),
  })
  const rows = useMemo(() => rowsOf(page.data?.pages ?? []), [page.data])
  const first = page.data?.pages[0]
  const columns = useMemo(() => (first === undefined ? [] : dataColumns(first)), [first])
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = page
  const onEndReached = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError])
  const togglePanel = () => setPanelOpen(isOpen => !isOpen)
  useShortcut('i', 'Show or hide the row’s details', togglePanel)
  const sort = { key: sortKey ?? primaryKeyOf(first?.columns ?? []), direction } as const
  const onSort = (key: string) => {
    const isTurned = key === sort.key && direction === 'asc'
    setRow(undefined)
    setView({ sort: key, dir: isTurned ? 'desc' : undefined })
  }
  return (
    <>
      <div className={classes.bar}>
        <h2 className="mono truncate">{table}</h2>
        <div style={{ flex: 1 }} />
        <Tooltip label="Read again from the first row">
          <ActionIcon
            aria-label="Read again"
            loading={page.isRefetching && !isFetchingNextPage}
            onClick={() => void page.refetch()}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Row details (i)">
          <ActionIcon
            aria-label="Row details"
            aria-pressed={isPanelOpen}
            variant={isPanelOpen ? 'light' : 'subtle'}
            onClick={togglePanel}
          >
            <IconLayoutSidebarRight size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.body}>
        {first === undefined ? (
          <GridStandIn page={page} onUnsorted={() => setView({ sort: undefined, dir: undefined })} />
        ) : rows.length === 0 ? (
          <Empty icon={IconTableOff} title="The table is empty" description={`${table} has no rows.`} />
        ) : (
          <DataGrid
            label={`Rows of ${table}`}
            mode="cell"
            columns={columns}
            rows={rows}
            rowKey={keyOf}
            sort={sort}
            onSort={onSort}
            onActiveRow={setRow}
            onOpen={opened => {
              setRow(opened)
              setPanelOpen(true)
            }}
            selectedKey={isPanelOpen && row !== undefined ? keyOf(row) : undefined}
            hasMore={page.hasNextPage}
            onEndReached={onEndReached}
            tail={<PageTail query={page} />}
          />
        )}
        {isPanelOpen && first !== undefined && (
          <RowPanel columns={first.columns} row={row} onClose={() => setPanelOpen(false)} />
        )}
      </div>
      <TableStatus rows={rows.length} hasMore={page.hasNextPage} facts={facts} sort={sort} />
    </>
  )
}

interface GridStandInProps {
  page: Pick<ReturnType<typeof usePagedOperation<'data.page'>>, 'error' | 'refetch' | 'isFetching'>
  onUnsorted: () => void
}

function GridStandIn({ page, onUnsorted }: GridStandInProps) {
  if (page.error === null) {
    return (
      <div style={{ flex: 1 }}>
        <SkeletonRows rows={18} columns={6} />
      </div>
    )
  }
  return (
    <div style={{ padding: 20 }}>
      <ErrorPanel
        error={page.error}
        title="The rows could not be read"
        onRetry={() => void page.refetch()}
        isRetrying={page.isFetching}
        actions={
          page.error.code === 'INVALID_INPUT' && (
            <Button variant="default" onClick={onUnsorted}>
              Show without sorting
            </Button>
          )
        }
      />
    </div>
  )
}
