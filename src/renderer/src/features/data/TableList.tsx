import { Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { DataTable } from '#shared/contract/data.ts'
import type { AppError } from '#shared/errors.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { formatBytes, formatEstimate } from '../../lib/format.ts'
import classes from './data-screen.module.css'

interface TableListProps {
  tenantId: string
  tables: UseQueryResult<DataTable[], AppError>
  selected: string | undefined
}

export function TableList({ tenantId, tables, selected }: TableListProps) {
  const environment = useEnvironment()
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const shown = tables.data?.filter(table => table.name.toLowerCase().includes(wanted))
  return (
    <nav className={classes.tables} aria-label="Tables">
      <div className={classes.tablesSearch}>
        <TextInput
          aria-label="Filter the tables"
          placeholder="Filter tables"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={event => setText(event.currentTarget.value)}
        />
      </div>
      {tables.data === undefined && tables.error === null && <SkeletonRows rows={10} columns={1} />}
      {tables.error !== null && (
        <div style={{ padding: 8 }}>
          <ErrorPanel error={tables.error} onRetry={() => void tables.refetch()} isRetrying={tables.isFetching} />
        </div>
      )}
      {shown !== undefined && (
        <ul className={classes.tablesList}>
          {shown.map(table => (
            <li key={table.name}>
              <Link
                href={paths.data(environment.id, tenantId, table.name)}
                className={classes.table}
                aria-current={table.name === selected ? 'page' : undefined}
                data-tip={tipOf(table)}
              >
                <span className="truncate">{table.name}</span>
                <small>{table.rowsEstimate === null ? '' : formatEstimate(table.rowsEstimate)}</small>
              </Link>
            </li>
          ))}
          {shown.length === 0 && (
            <Text component="li" size="sm" c="dimmed" p={8}>
              {wanted === '' ? 'This tenant has no tables.' : 'No table matches.'}
            </Text>
          )}
        </ul>
      )}
    </nav>
  )
}

function tipOf(table: DataTable): string {
  const rows = table.rowsEstimate === null ? 'never analysed' : `about ${formatEstimate(table.rowsEstimate)} rows`
  return [`${table.name}: ${rows}, ${formatBytes(table.sizeBytes)}`, table.comment].filter(Boolean).join('\n')
}
