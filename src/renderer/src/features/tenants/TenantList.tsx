import { Button, Group } from '@mantine/core'
import { IconBuildingCommunity, IconPlus, IconSearchOff } from '@tabler/icons-react'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useLocation } from 'wouter'
import type { OutputOf } from '#shared/contract/index.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import type { AppError } from '#shared/errors.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { EnvironmentSettingsLink } from '../../components/EnvironmentSettingsLink.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import { PageTail } from '../../components/grid/PageTail.tsx'
import { Notice } from '../../components/Notice.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { tenantColumns } from './tenant-columns.tsx'
import { nextSort, type TenantView } from './tenant-view.ts'
import classes from './tenants.module.css'

interface TenantListProps {
  query: UseInfiniteQueryResult<InfiniteData<OutputOf<'tenants.list'>>, AppError>
  view: TenantView
  onChange: (change: Record<string, string | undefined>) => void
  onCreate: () => void
}

const keyOf = (tenant: TenantListRow): string => tenant.id

export function TenantList({ query, view, onChange, onCreate }: TenantListProps) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const migrations = useOperation('migrations.status', { environmentId: environment.id }, { staleTime: 60_000 })
  const latestVersion = migrations.data?.latestTenantVersion
  const columns = useMemo(() => tenantColumns(environment, latestVersion), [environment, latestVersion])
  const rows = useMemo(() => query.data?.pages.flatMap(page => page.items) ?? [], [query.data])
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = query
  const onEndReached = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError])
  if (query.data === undefined) {
    return query.isError ? <ListFailed query={query} /> : <SkeletonRows rows={16} columns={7} />
  }
  if (rows.length === 0) return <NoTenants view={view} onChange={onChange} onCreate={onCreate} />
  const first = query.data.pages[0]
  return (
    <>
      {first?.factsProblem != null && (
        <div className={classes.notice}>
          <Notice meaning="warn">{first.factsProblem}</Notice>
        </div>
      )}
      <div className={classes.list} data-old={query.isPlaceholderData}>
        <DataGrid
          label="Tenants"
          mode="row"
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          total={first?.total}
          sort={view.sort}
          onSort={key => {
            const sort = nextSort(view.sort, key)
            onChange({ sort: sort.key, dir: sort.direction })
          }}
          onOpen={tenant => navigate(paths.tenant(environment.id, tenant.id))}
          hasMore={query.hasNextPage}
          onEndReached={onEndReached}
          tail={<PageTail query={query} />}
        />
      </div>
    </>
  )
}

function ListFailed({ query }: Pick<TenantListProps, 'query'>) {
  if (query.error === null) return null
  return (
    <div className={classes.failure}>
      <ErrorPanel
        title="The tenants could not be listed"
        error={query.error}
        onRetry={() => void query.refetch()}
        isRetrying={query.isFetching}
        actions={query.error.code === 'CONNECTION_FAILED' && <EnvironmentSettingsLink />}
      />
    </div>
  )
}

function NoTenants({ view, onChange, onCreate }: Omit<TenantListProps, 'query'>) {
  const isFiltered = view.search !== '' || view.status.length > 0
  if (isFiltered) {
    return (
      <Empty
        icon={IconSearchOff}
        title="No tenant matches"
        description={
          view.search === '' ? 'No tenant is in one of these states.' : `Nothing was found for “${view.search}”.`
        }
        actions={
          <Button variant="default" onClick={() => onChange({ search: undefined, status: undefined })}>
            Clear search and filter
          </Button>
        }
      />
    )
  }
  return (
    <Empty
      icon={IconBuildingCommunity}
      title="No tenants yet"
      description="Provisioning a tenant makes its schema, default data and administrator in one go."
      actions={
        <Group>
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={onCreate}>
            Provision the first tenant
          </Button>
        </Group>
      }
    />
  )
}
