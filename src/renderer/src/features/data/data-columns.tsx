import { IconKey, IconLock } from '@tabler/icons-react'
import type { DataColumn } from '#shared/contract/data.ts'
import type { GridColumn } from '../../components/grid/types.ts'
import { cellKind, columnWidth, copyableText, headerDetail } from './cell-kind.ts'
import { DataValue } from './DataValue.tsx'
import type { DataRow, TableShape } from './table-rows.ts'
import { visibleText } from './visible-text.ts'

export function dataColumns({ columns, sample }: TableShape): GridColumn<DataRow>[] {
  return columns.map((column, index) => ({
    id: column.name,
    title: visibleText(column.name),
    hint: hintOf(column),
    mark: column.isPrimaryKey || column.isMasked ? <ColumnMark column={column} /> : undefined,
    detail: visibleText(headerDetail(column)),
    width: columnWidth(
      column,
      sample.map(row => row[index] ?? null),
    ),
    isEnd: cellKind(column.type) === 'number',
    sortKey: column.isSortable ? column.name : undefined,
    copyText: row => copyableText(column, row[index] ?? null),
    render: row => <DataValue column={column} cell={row[index] ?? null} />,
  }))
}

export function ColumnMark({ column }: { column: DataColumn }) {
  return (
    <>
      {column.isPrimaryKey && <IconKey size={12} stroke={2} aria-label="Primary key" />}
      {column.isMasked && <IconLock size={12} stroke={2} aria-label="Masked" />}
    </>
  )
}

export function hintOf(column: DataColumn): string {
  const parts = [
    column.type,
    column.isPrimaryKey && 'primary key',
    column.nullable ? 'may be NULL' : 'never NULL',
    column.references !== null && `points to ${visibleText(column.references)}`,
    column.isMasked && 'personal data, masked',
    !column.isSortable && !column.isMasked && 'no index to sort by',
  ]
  return parts.filter(part => part !== false).join(' · ')
}
