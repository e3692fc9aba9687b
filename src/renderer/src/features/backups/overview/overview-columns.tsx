import { Anchor, Menu } from '@mantine/core'
import { IconArchive, IconFolderOpen, IconRestore, IconTimeline } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { OutputOf } from '#shared/contract/index.ts'
import { usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { paths } from '../../../app/paths.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { RowMenu } from '../../../components/grid/RowMenu.tsx'
import type { GridColumn } from '../../../components/grid/types.ts'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatBytes, formatCount } from '../../../lib/format.ts'
import { VerifiedText } from '../parts/ArchiveMark.tsx'
import classes from './overview.module.css'

export type OverviewRow = OutputOf<'backups.overview'>['items'][number]

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const
const MENU_WIDTH = 230

export function overviewColumns(environment: Environment): GridColumn<OverviewRow>[] {
  return [
    {
      id: 'name',
      title: 'Tenant',
      width: 220,
      canGrow: true,
      copyText: row => row.name,
      render: row => (
        <Anchor
          component={Link}
          href={paths.tenant(environment.id, row.tenantId, 'backups')}
          tabIndex={-1}
          className={`truncate ${classes.name}`}
          title={row.name}
        >
          {row.name}
        </Anchor>
      ),
    },
    {
      id: 'slug',
      title: 'Slug',
      width: 150,
      canGrow: true,
      copyText: row => row.slug,
      render: row => <span className={`mono truncate ${classes.soft}`}>{row.slug}</span>,
    },
    {
      id: 'latest',
      title: 'Latest backup',
      hint: 'The latest complete archive',
      width: 128,
      copyText: row => row.latestAt,
      render: row => <Timestamp value={row.latestAt} absent="never" />,
    },
    {
      id: 'state',
      title: 'State',
      hint: 'A daily backup is overdue after 26 hours',
      width: 120,
      render: row => <LatestState row={row} />,
    },
    {
      id: 'verified',
      title: 'Verified',
      hint: 'The latest verification of any archive of the tenant',
      width: 192,
      render: row => <VerifiedText verified={row.verified} />,
    },
    {
      id: 'rows',
      title: 'Rows',
      width: 100,
      isEnd: true,
      copyText: row => row.rows,
      render: row => (row.rows === null ? <Nothing /> : formatCount(row.rows)),
    },
    {
      id: 'size',
      title: 'Stored',
      hint: 'Size in the backup store',
      width: 96,
      isEnd: true,
      copyText: row => row.storedBytes,
      render: row => (row.storedBytes === null ? <Nothing /> : formatBytes(row.storedBytes)),
    },
    {
      id: 'menu',
      title: '',
      width: 48,
      isEnd: true,
      render: row => (
        <RowMenu label={`Actions for ${row.name}`} width={MENU_WIDTH}>
          <OverviewItems row={row} environment={environment} />
        </RowMenu>
      ),
    },
  ]
}

const Nothing = () => <span className={classes.soft}>–</span>

function LatestState({ row }: { row: OverviewRow }) {
  if (!row.isOverdue) return <StateMark meaning="ok">Up to date</StateMark>
  return row.latestAt === null ? (
    <StateMark meaning="bad">No backup</StateMark>
  ) : (
    <StateMark meaning="warn">Overdue</StateMark>
  )
}

function OverviewItems({ row, environment }: { row: OverviewRow; environment: Environment }) {
  const create = useMutationOperation('backups.create')
  const mayBackUp = usePermission('backups.create', environment)
  const mayRestore = usePermission('backups.prepare', environment)
  const backUp = () =>
    create.mutate({ environmentId: environment.id, tenantId: row.tenantId }, { onSuccess: () => setTrayOpen(true) })
  return (
    <>
      <Menu.Item
        leftSection={<IconArchive {...ICON} />}
        disabled={!mayBackUp.isAllowed}
        title={mayBackUp.reason}
        onClick={backUp}
      >
        Back up now
      </Menu.Item>
      <Menu.Item
        component={Link}
        href={paths.tenant(environment.id, row.tenantId, 'backups')}
        leftSection={<IconTimeline {...ICON} />}
      >
        All its archives
      </Menu.Item>
      {row.archive !== null && (
        <>
          <Menu.Divider />
          <Menu.Item
            component={Link}
            href={paths.archive(environment.id, row.tenantId, { archive: row.archive })}
            leftSection={<IconFolderOpen {...ICON} />}
          >
            Open the latest archive
          </Menu.Item>
          {mayRestore.isAllowed && (
            <Menu.Item
              component={Link}
              href={paths.restorePlan(environment.id, row.tenantId, row.archive)}
              leftSection={<IconRestore {...ICON} />}
            >
              Restore the latest archive…
            </Menu.Item>
          )}
        </>
      )}
    </>
  )
}
