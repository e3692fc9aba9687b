import { Button, Group, Text, Tooltip } from '@mantine/core'
import { IconArchive } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation, usePagedOperation } from '../../../client/hooks.ts'
import { Empty } from '../../../components/Empty.tsx'
import { formatPlural } from '../../../lib/format.ts'
import { NoBackupStore } from '../parts/NoBackupStore.tsx'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import { ArchiveTable } from './ArchiveTable.tsx'
import { TenantRestores } from './TenantRestores.tsx'
import { TimeLine } from './TimeLine.tsx'

const PAGE_SIZE = 50

/** The archives of a tenant in time, and what was restored of them. */
export default function TenantBackupsTab({ tenant }: { tenant: TenantListRow }) {
  const environment = useEnvironment()
  const target = { environmentId: environment.id, tenantId: tenant.id }
  const hasStore = environment.stores.backup !== undefined
  const list = usePagedOperation('backups.list', { ...target, limit: PAGE_SIZE }, { enabled: hasStore })
  const archives = useMemo(() => list.data?.pages.flatMap(page => page.items) ?? [], [list.data])
  if (!hasStore) return <NoBackupStore />
  const total = list.data?.pages[0]?.total
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Backups">
      {list.data === undefined ? (
        <Waiting query={list} title="The archives could not be listed" />
      ) : archives.length === 0 ? (
        <Empty
          icon={IconArchive}
          title="No archives yet"
          description="A backup reads the whole tenant from one snapshot and holds nobody up."
          actions={<BackUpButton tenantId={tenant.id} label="Back up now" />}
        />
      ) : (
        <div className={parts.stack}>
          <div className={parts.head} style={{ marginBottom: 0 }}>
            <Group gap={10}>
              <h2>Archives</h2>
              <Text size="sm" c="dimmed" className="numeric" role="status">
                {total !== undefined && formatPlural(total, 'archive')}
              </Text>
            </Group>
            <BackUpButton tenantId={tenant.id} label="Back up now" />
          </div>
          <TimeLine tenantId={tenant.id} archives={archives} />
          <ArchiveTable tenant={tenant} archives={archives} />
          {list.hasNextPage && (
            <Group>
              <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show older archives
              </Button>
            </Group>
          )}
          <TenantRestores tenantId={tenant.id} />
        </div>
      )}
    </section>
  )
}

function BackUpButton({ tenantId, label }: { tenantId: string; label: string }) {
  const environment = useEnvironment()
  const create = useMutationOperation('backups.create')
  const permission = usePermission('backups.create', environment)
  return (
    <Tooltip label={permission.reason} disabled={permission.isAllowed}>
      <Button
        leftSection={<IconArchive size={16} aria-hidden />}
        loading={create.isPending}
        data-disabled={!permission.isAllowed}
        aria-disabled={!permission.isAllowed}
        onClick={() => {
          if (!permission.isAllowed) return
          create.mutate({ environmentId: environment.id, tenantId }, { onSuccess: () => setTrayOpen(true) })
        }}
      >
        {label}
      </Button>
    </Tooltip>
  )
}
