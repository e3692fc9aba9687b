import { Anchor } from '@mantine/core'
import { IconTableOff } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import type { DataTable } from '#shared/contract/data.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useViewState } from '../../app/view-state.ts'
import { useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import type { GridColumn, GridSort } from '../../components/grid/types.ts'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { formatBytes, formatEstimate } from '../../lib/format.ts'
import classes from './tenants.module.css'

const keyOf = (table: DataTable): string => table.name

/** The tables of a tenant with their size; a row opens the grid of its rows. */
export default function TablesTab({ tenant }: { tenant: TenantListRow }) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const [params, setView] = useViewState()
  const tables = useOperation('data.tables', { environmentId: environment.id, tenantId: tenant.id })
  const sort = sortOf(params.get('sort'), params.get('dir'))
  const columns = useMemo(
    () => tableColumns(table => paths.data(environment.id, tenant.id, table)),
    [environment.id, tenant.id],
  )
  const rows = useMemo(
    () => sorted(tables.data ?? [], sort.key, sort.direction),
    [tables.data, sort.key, sort.direction],
  )
  if (tables.data === undefined) {
    if (tables.error === null) return <SkeletonRows rows={10} columns={3} />
    return (
      <div style={{ padding: 20 }}>
        <ErrorPanel
          error={tables.error}
          title="The tables could not be listed"
          onRetry={() => void tables.refetch()}
          isRetrying={tables.isFetching}
        />
      </div>
    )
  }
  if (rows.length === 0) {
    return <Empty icon={IconTableOff} title="No tables" description="The schema of this tenant holds no tables." />
  }
  return (
    <DataGrid
      label="Tables"
      mode="row"
      columns={columns}
      rows={rows}
      rowKey={keyOf}
      total={rows.length}
      sort={sort}
      onSort={key => {
        const isSame = key === sort.key
        setView({
          sort: key,
          dir: isSame && sort.direction === firstWay(key) ? otherWay(sort.direction) : firstWay(key),
        })
      }}
      onOpen={table => navigate(paths.data(environment.id, tenant.id, table.name))}
    />
  )
}

const SORT_KEYS = ['name', 'rows', 'size']
const firstWay = (key: string): 'asc' | 'desc' => (key === 'name' ? 'asc' : 'desc')
const otherWay = (direction: 'asc' | 'desc'): 'asc' | 'desc' => (direction === 'asc' ? 'desc' : 'asc')

function sortOf(key: string | null, direction: string | null): GridSort {
  const known = SORT_KEYS.find(candidate => candidate === key) ?? 'name'
  return { key: known, direction: direction === 'asc' || direction === 'desc' ? direction : firstWay(known) }
}

function sorted(tables: readonly DataTable[], key: string, direction: 'asc' | 'desc'): DataTable[] {
  const sign = direction === 'asc' ? 1 : -1
  const numberOf = (table: DataTable) => Number(key === 'rows' ? (table.rowsEstimate ?? -1) : table.sizeBytes)
  return [...tables].sort((a, b) => sign * (key === 'name' ? a.name.localeCompare(b.name) : numberOf(a) - numberOf(b)))
}

function tableColumns(pathOf: (table: string) => string): GridColumn<DataTable>[] {
  return [
    {
      id: 'name',
      title: 'Table',
      width: 260,
      canGrow: true,
      sortKey: 'name',
      copyText: table => table.name,
      render: table => (
        <>
          <Anchor component={Link} href={pathOf(table.name)} tabIndex={-1} className={`mono ${classes.name}`}>
            {table.name}
          </Anchor>
          {table.comment !== null && <span className={`truncate ${classes.soft}`}>{table.comment}</span>}
        </>
      ),
    },
    {
      id: 'rows',
      title: 'Rows',
      hint: 'Estimate from the statistics',
      width: 130,
      isEnd: true,
      sortKey: 'rows',
      copyText: table => table.rowsEstimate,
      render: table =>
        table.rowsEstimate === null ? (
          <span className={classes.soft}>not analysed</span>
        ) : (
          <span>≈ {formatEstimate(table.rowsEstimate)}</span>
        ),
    },
    {
      id: 'size',
      title: 'Size',
      hint: 'Table, indexes and TOAST',
      width: 130,
      isEnd: true,
      sortKey: 'size',
      copyText: table => table.sizeBytes,
      render: table => formatBytes(table.sizeBytes),
    },
  ]
}
