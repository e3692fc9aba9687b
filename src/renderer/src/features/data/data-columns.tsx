import { IconKey, IconLock } from '@tabler/icons-react'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'
import type { OutputOf } from '#shared/contract/index.ts'
import type { GridColumn } from '../../components/grid/types.ts'
import { cellKind, cellText, columnWidth } from './cell-kind.ts'
import { DataValue } from './DataValue.tsx'

type Page = OutputOf<'data.page'>

export interface DataRow {
  index: number
  cells: readonly DataCell[]
}

export const rowsOf = (pages: readonly Page[]): DataRow[] =>
  pages.flatMap(page => page.rows).map((cells, index) => ({ index, cells }))

/** What a table is sorted by when nobody chose; empty without a primary key. */
export const primaryKeyOf = (columns: readonly DataColumn[]): string =>
  columns.find(column => column.isPrimaryKey)?.name ?? ''

export function dataColumns({ columns, rows }: Page): GridColumn<DataRow>[] {
  return columns.map((column, index) => ({
    id: column.name,
    title: column.name,
    hint: hintOf(column),
    mark: markOf(column),
    width: columnWidth(
      column,
      rows.map(row => row[index] ?? null),
    ),
    isEnd: cellKind(column.type) === 'number',
    sortKey: column.isSortable ? column.name : undefined,
    copyText: row => cellText(row.cells[index] ?? null),
    render: row => <DataValue column={column} cell={row.cells[index] ?? null} />,
  }))
}

function markOf(column: DataColumn): React.ReactNode {
  if (column.isPrimaryKey) return <IconKey size={12} stroke={2} aria-label="primary key" />
  if (column.isMasked) return <IconLock size={12} stroke={2} aria-label="masked" />
  return undefined
}

export function hintOf(column: DataColumn): string {
  return [
    column.type,
    column.isPrimaryKey ? 'primary key' : undefined,
    column.nullable ? 'may be NULL' : 'not null',
    column.references === null ? undefined : `points to ${column.references}`,
    column.isMasked ? 'personal data, masked' : undefined,
  ]
    .filter(part => part !== undefined)
    .join(' · ')
}
