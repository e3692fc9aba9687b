import { Button, Text, Tooltip } from '@mantine/core'
import { IconArchive, IconBuildingCommunity, IconSearchOff } from '@tabler/icons-react'
import { useCallback, useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import type { OutputOf } from '#shared/contract/index.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { useViewState } from '../../../app/view-state.ts'
import { usePagedOperation } from '../../../client/hooks.ts'
import { Empty } from '../../../components/Empty.tsx'
import { DataGrid } from '../../../components/grid/DataGrid.tsx'
import { PageTail } from '../../../components/grid/PageTail.tsx'
import { StateMark } from '../../../components/StateMark.tsx'
import { formatCount, formatPlural } from '../../../lib/format.ts'
import { storeAddress } from '../../../lib/store-address.ts'
import parts from '../parts/parts.module.css'
import { SearchField } from '../parts/SearchField.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { BackUpAllDialog } from './BackUpAllDialog.tsx'
import { FleetBackup } from './FleetBackup.tsx'
import { type OverviewRow, overviewColumns } from './overview-columns.tsx'

const PAGE_SIZE = 50
const keyOf = (row: OverviewRow): string => row.tenantId

/** Every tenant with its latest backup; those that are overdue come first. */
export default function OverviewTab() {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const [params, setView] = useViewState()
  const search = params.get('search') ?? ''
  const jobId = params.get('job')
  const setAsking = (isAsking: boolean) => setView({ all: isAsking ? '1' : undefined })
  const overview = usePagedOperation(
    'backups.overview',
    { environmentId: environment.id, limit: PAGE_SIZE, ...(search === '' ? {} : { search }) },
    { keepPrevious: true },
  )
  const mayBackUp = usePermission('backups.createAll', environment)
  const columns = useMemo(() => overviewColumns(environment), [environment])
  const rows = useMemo(() => overview.data?.pages.flatMap(page => page.items) ?? [], [overview.data])
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = overview
  const onEndReached = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError])
  const first = overview.data?.pages[0]
  return (
    <>
      <div className={parts.toolbar}>
        <SearchField
          label="Search tenants"
          placeholder="Name or slug ( / )"
          value={search}
          onChange={value => setView({ search: value })}
        />
        {first !== undefined && <Counts page={first} />}
        <span className={parts.grow} />
        <Text size="xs" c="dimmed" className="truncate" title="Where archives go">
          {storeAddress('backup', environment.stores)}
        </Text>
        <Tooltip label={mayBackUp.reason ?? 'One archive of each tenant'}>
          <Button
            leftSection={<IconArchive size={16} aria-hidden />}
            data-disabled={!mayBackUp.isAllowed}
            aria-disabled={!mayBackUp.isAllowed}
            onClick={() => mayBackUp.isAllowed && setAsking(true)}
          >
            Back up all…
          </Button>
        </Tooltip>
      </div>
      {jobId !== null && <FleetBackup jobId={jobId} onClose={() => setView({ job: undefined })} />}
      {overview.data === undefined ? (
        <div className={overview.error === null ? undefined : parts.scroll}>
          <Waiting query={overview} title="The backups could not be listed" rows={14} />
        </div>
      ) : rows.length === 0 ? (
        <NoRows search={search} onClear={() => setView({ search: undefined })} />
      ) : (
        <DataGrid
          label="Latest backups"
          mode="row"
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          total={first?.total}
          widthsKey="backups/overview"
          onOpen={row => navigate(paths.tenant(environment.id, row.tenantId, 'backups'))}
          hasMore={overview.hasNextPage}
          onEndReached={onEndReached}
          tail={<PageTail query={overview} />}
        />
      )}
      {params.get('all') === '1' && mayBackUp.isAllowed && (
        <BackUpAllDialog
          search={search}
          onStart={job => setView({ job, all: undefined })}
          onClose={() => setAsking(false)}
          total={first?.total}
        />
      )}
    </>
  )
}

function Counts({ page }: { page: OutputOf<'backups.overview'> }) {
  if (page.total === 0) return null
  return (
    <span role="status" style={{ display: 'inline-flex', alignItems: 'center', gap: 12 }}>
      <Text span size="sm" c="dimmed" className="numeric">
        {formatPlural(page.total, 'tenant')}
      </Text>
      {page.overdue === 0 ? (
        <StateMark meaning="ok" form="pill">
          None overdue
        </StateMark>
      ) : (
        <StateMark meaning="warn" form="pill">
          {formatCount(page.overdue)} overdue
        </StateMark>
      )}
    </span>
  )
}

function NoRows({ search, onClear }: { search: string; onClear: () => void }) {
  const environment = useEnvironment()
  if (search !== '') {
    return (
      <Empty
        icon={IconSearchOff}
        title="No tenant matches"
        description={`Nothing was found for “${search}”.`}
        actions={
          <Button variant="default" onClick={onClear}>
            Clear the search
          </Button>
        }
      />
    )
  }
  return (
    <Empty
      icon={IconBuildingCommunity}
      title="No tenants yet"
      description="There is nothing to back up before the first tenant is there."
      actions={
        <Button component={Link} href={`${paths.tenants(environment.id)}?new=1`}>
          Provision the first tenant
        </Button>
      }
    />
  )
}
