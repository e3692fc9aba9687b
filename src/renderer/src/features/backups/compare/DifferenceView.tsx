import { CloseButton, SegmentedControl } from '@mantine/core'
import { IconChecks } from '@tabler/icons-react'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import { Empty } from '../../../components/Empty.tsx'
import { DataGrid } from '../../../components/grid/DataGrid.tsx'
import { PageTail } from '../../../components/grid/PageTail.tsx'
import { formatCount } from '../../../lib/format.ts'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import type { DifferenceKind } from './ComparisonTable.tsx'
import classes from './compare.module.css'
import { changeColumns, type RowChoiceState, rowColumns } from './difference-columns.tsx'
import { changeLines, type DifferenceRow, keyOf } from './difference-lines.ts'
import type { SideWords } from './side-words.ts'
import { type DifferenceSource, useDifferences } from './use-differences.ts'

interface DifferenceViewProps {
  source: DifferenceSource
  table: TableComparison
  kind: DifferenceKind
  sides: SideWords
  onKind: (kind: DifferenceKind) => void
  onClose: () => void
  /** Lets single rows be chosen, by their keys. */
  choice?: RowChoiceState | undefined
}

const lineKey = (_line: unknown, index: number): string => String(index)

/** The rows of one table in which two sides differ; changed ones column by column, side by side. */
export function DifferenceView(props: DifferenceViewProps) {
  const { source, table, kind, sides, onKind, onClose, choice } = props
  const query = useDifferences(source, table.table, kind)
  const columns = query.data?.pages[0]?.columns
  const rows = useMemo(() => query.data?.pages.flatMap(page => page.rows) ?? [], [query.data])
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = query
  const onEndReached = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError])
  const section = useRef<HTMLElement>(null)
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up.
    void section.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const paging = { hasMore: query.hasNextPage, onEndReached, tail: <PageTail query={query} /> }
  return (
    <section ref={section} className={classes.rows} aria-label={`Rows of ${table.table} that differ`}>
      <div className={classes.rowsHead}>
        <h2 className="mono truncate" title={table.table}>
          {table.table}
        </h2>
        <SegmentedControl
          aria-label="Which rows"
          value={kind}
          onChange={value => onKind(value as DifferenceKind)}
          data={kindsOf(table, sides).filter(option => choice === undefined || option.value !== 'onlyRight')}
        />
        <span className={parts.grow} />
        <CloseButton aria-label={`Close the rows of ${table.table}`} onClick={onClose} />
      </div>
      {columns === undefined ? (
        <div style={{ padding: 12 }}>
          <Waiting query={query} title="The rows could not be read" rows={5} />
        </div>
      ) : rows.length === 0 ? (
        <Empty icon={IconChecks} title="No such rows" description="Nothing differs in this way." />
      ) : kind === 'changed' && choice === undefined ? (
        <ChangedRows rows={rows} columns={columns} sides={sides} table={table.table} paging={paging} />
      ) : (
        <DataGrid
          label={`Rows of ${table.table}`}
          mode={choice === undefined ? 'cell' : 'row'}
          columns={rowColumns(columns, kind, choice)}
          rows={rows}
          rowKey={lineKey}
          onOpen={choice === undefined ? undefined : (row: DifferenceRow) => choice.toggle(keyOf(row, columns))}
          {...paging}
        />
      )}
    </section>
  )
}

interface ChangedRowsProps {
  rows: readonly DifferenceRow[]
  columns: Parameters<typeof changeLines>[1]
  sides: SideWords
  table: string
  paging: { hasMore: boolean; onEndReached: () => void; tail: React.ReactNode }
}

function ChangedRows({ rows, columns, sides, table, paging }: ChangedRowsProps) {
  const lines = useMemo(() => changeLines(rows, columns), [rows, columns])
  const gridColumns = useMemo(() => changeColumns(sides, columns), [sides, columns])
  return (
    <DataGrid
      label={`Changed values of ${table}`}
      mode="cell"
      columns={gridColumns}
      rows={lines}
      rowKey={lineKey}
      {...paging}
    />
  )
}

function kindsOf(table: TableComparison, sides: SideWords) {
  const option = (value: DifferenceKind, label: string, count: string) => ({
    value,
    label: `${label} · ${formatCount(count)}`,
    disabled: count === '0',
  })
  return [
    option('onlyLeft', sides.onlyLeft, table.onlyLeft),
    option('onlyRight', sides.onlyRight, table.onlyRight),
    option('changed', 'Changed', table.changed),
  ]
}
