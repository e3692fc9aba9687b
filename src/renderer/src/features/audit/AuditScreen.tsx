import { SegmentedControl } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useCallback, useMemo, useState } from 'react'
import type { AuditEntry } from '#shared/contract/audit.ts'
import { useCurrentEnvironment } from '../../app/environment.tsx'
import { useViewState } from '../../app/view-state.ts'
import { usePagedOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import { PageTail } from '../../components/grid/PageTail.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { AuditDetails } from './AuditDetails.tsx'
import { AUDIT_COLUMNS } from './audit-columns.tsx'

const keyOf = (entry: AuditEntry): string => entry.id

/** Everything that was done from this console, the latest first. */
export default function AuditScreen() {
  const environment = useCurrentEnvironment()
  const [params, setView] = useViewState()
  const [entry, setEntry] = useState<AuditEntry>()
  const isAll = params.get('of') === 'all' || environment === undefined
  const audit = usePagedOperation('audit.list', { limit: 100, ...(isAll ? {} : { environmentId: environment.id }) })
  const rows = useMemo(() => audit.data?.pages.flatMap(page => page.items) ?? [], [audit.data])
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = audit
  const onEndReached = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError])
  return (
    <Screen
      title="Audit"
      layout="fill"
      aside={
        environment !== undefined && (
          <SegmentedControl
            aria-label="Of which environment"
            value={isAll ? 'all' : 'this'}
            onChange={value => setView({ of: value === 'all' ? 'all' : undefined })}
            data={[
              { value: 'this', label: 'This environment' },
              { value: 'all', label: 'Everything' },
            ]}
          />
        )
      }
    >
      {audit.data === undefined ? (
        audit.error === null ? (
          <SkeletonRows rows={16} columns={6} />
        ) : (
          <div style={{ padding: '8px 20px' }}>
            <ErrorPanel
              error={audit.error}
              title="The audit log could not be read"
              onRetry={() => void audit.refetch()}
              isRetrying={audit.isFetching}
            />
          </div>
        )
      ) : rows.length === 0 ? (
        <Empty
          icon={IconHistory}
          title="Nothing was done here yet"
          description="Every change made from this console is written down: who, what, where and how it ended."
        />
      ) : (
        <DataGrid
          label="Audit entries"
          mode="row"
          columns={AUDIT_COLUMNS}
          rows={rows}
          rowKey={keyOf}
          onOpen={setEntry}
          hasMore={audit.hasNextPage}
          onEndReached={onEndReached}
          tail={<PageTail query={audit} />}
        />
      )}
      <AuditDetails entry={entry} onClose={() => setEntry(undefined)} />
    </Screen>
  )
}
