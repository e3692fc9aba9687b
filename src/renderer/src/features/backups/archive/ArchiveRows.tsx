import { IconTableOff } from '@tabler/icons-react'
import { useCallback, useMemo } from 'react'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { usePagedOperation } from '../../../client/hooks.ts'
import { Empty } from '../../../components/Empty.tsx'
import { DataGrid } from '../../../components/grid/DataGrid.tsx'
import { PageTail } from '../../../components/grid/PageTail.tsx'
import { formatBytes, formatPlural } from '../../../lib/format.ts'
import { dataColumns } from '../../data/data-columns.tsx'
import { visibleText } from '../../data/visible-text.ts'
import { asDataColumn } from '../compare/difference-lines.ts'
import { HashText } from '../parts/HashText.tsx'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import classes from './archive.module.css'

const PAGE_SIZE = 200
const keyOf = (_row: unknown, index: number): string => String(index)

interface ArchiveRowsProps {
  tenantId: string
  archive: ArchiveDetail
  table: ArchiveDetail['tableList'][number]
}

/** Rows of one table, read out of the archive page by page as they are scrolled to. */
export function ArchiveRows({ tenantId, archive, table }: ArchiveRowsProps) {
  const environment = useEnvironment()
  const query = usePagedOperation(
    'backups.rows',
    { environmentId: environment.id, tenantId, archive: archive.archive, table: table.name, limit: PAGE_SIZE },
    // An archive never changes.
    { staleTime: Number.POSITIVE_INFINITY },
  )
  const first = query.data?.pages[0]
  const rows = useMemo(() => query.data?.pages.flatMap(page => page.rows) ?? [], [query.data])
  const columns = useMemo(
    () => (first === undefined ? [] : dataColumns({ columns: first.columns.map(asDataColumn), sample: first.rows })),
    [first],
  )
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = query
  const onEndReached = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError])
  return (
    <>
      <div className={classes.rowsHead}>
        <h2 className="mono truncate">{visibleText(table.name)}</h2>
        <span className={`numeric ${parts.soft}`}>
          {formatPlural(Number(table.rows), 'row')} · {formatBytes(table.bytes)}
        </span>
        <span className={parts.soft} style={{ fontSize: 12 }}>
          SHA-256 <HashText value={table.sha256} label="Copy the table’s hash" />
        </span>
      </div>
      {first === undefined ? (
        <div style={{ padding: query.error === null ? 0 : '0 20px' }}>
          <Waiting query={query} title="The rows could not be read" rows={12} />
        </div>
      ) : rows.length === 0 ? (
        <Empty icon={IconTableOff} title="No rows" description="This table was empty when the archive was taken." />
      ) : (
        <DataGrid
          label={`Rows of ${visibleText(table.name)}`}
          mode="cell"
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          total={Number(table.rows)}
          widthsKey={`data/${table.name}`}
          hasMore={query.hasNextPage}
          onEndReached={onEndReached}
          tail={<PageTail query={query} />}
        />
      )}
    </>
  )
}
