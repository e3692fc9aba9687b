import { ActionIcon, Button, Tabs, Tooltip } from '@mantine/core'
import { IconArrowLeft, IconRestore } from '@tabler/icons-react'
import { Suspense } from 'react'
import { Link } from 'wouter'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { useViewState } from '../../../app/view-state.ts'
import { useOperation } from '../../../client/hooks.ts'
import { Notice } from '../../../components/Notice.tsx'
import { Screen } from '../../../components/Screen.tsx'
import { SkeletonRows } from '../../../components/SkeletonRows.tsx'
import { formatLocal } from '../../../lib/time.ts'
import backups from '../backups.module.css'
import { ArchiveMark } from '../parts/ArchiveMark.tsx'
import { isUsable, stampOf } from '../parts/archive-words.ts'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import { ArchiveFacts } from './ArchiveFacts.tsx'
import { ArchiveMenu } from './ArchiveMenu.tsx'
import { ArchiveTables } from './ArchiveTables.tsx'
import classes from './archive.module.css'
import { CloneDrawer } from './CloneDrawer.tsx'
import { CompareView } from './CompareView.tsx'
import { VerificationHistory } from './VerificationHistory.tsx'

const VIEWS = [
  { value: 'tables', label: 'Tables' },
  { value: 'verifications', label: 'Verifications' },
  { value: 'compare', label: 'Compare' },
] as const

/** One archive, opened where it lies: what it holds, whether it can be trusted, and how it differs from live. */
export default function ArchiveScreen({ tenantId }: { tenantId: string }) {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const archive = params.get('archive') ?? ''
  const detail = useOperation('backups.get', { environmentId: environment.id, tenantId, archive })
  const stamp = stampOf(archive)
  const title = stamp === undefined ? 'Archive' : `Archive of ${formatLocal(new Date(stamp))}`
  const back = (
    <Tooltip label="All archives of the tenant">
      <ActionIcon
        component={Link}
        href={paths.tenant(environment.id, tenantId, 'backups')}
        aria-label="All archives of the tenant"
      >
        <IconArrowLeft size={18} />
      </ActionIcon>
    </Tooltip>
  )
  if (detail.data === undefined) {
    return (
      <Screen title={title} back={back}>
        <Waiting query={detail} title="The archive could not be opened" />
      </Screen>
    )
  }
  const view = VIEWS.find(({ value }) => value === params.get('view'))?.value ?? 'tables'
  const props = { tenantId, archive: detail.data }
  return (
    <Screen
      title={title}
      layout="fill"
      back={back}
      aside={
        <>
          <span className={`truncate ${parts.soft}`} title={detail.data.tenantName}>
            {detail.data.tenantName}
          </span>
          <ArchiveMark archive={detail.data} form="pill" />
        </>
      }
      actions={<ArchiveActions {...props} />}
    >
      {detail.data.problem !== null && (
        <div className={classes.notice}>
          <Notice meaning="bad">{detail.data.problem}</Notice>
        </div>
      )}
      <div className={classes.facts}>
        <ArchiveFacts archive={detail.data} />
      </div>
      <Tabs
        value={view}
        onChange={value =>
          setView({ view: value === 'tables' ? undefined : (value ?? undefined), table: undefined, rows: undefined })
        }
        keepMounted={false}
        classNames={{ root: backups.tabs ?? '', panel: backups.panel ?? '', list: backups.list ?? '' }}
      >
        <Tabs.List aria-label="About this archive">
          {VIEWS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<SkeletonRows rows={6} columns={3} />}>
          <Tabs.Panel value="tables">
            <ArchiveTables {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="verifications">
            <VerificationHistory {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="compare">
            <CompareView {...props} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
      {params.get('clone') === '1' && (
        <CloneDrawer archive={detail.data} onClose={() => setView({ clone: undefined })} />
      )}
    </Screen>
  )
}

function ArchiveActions({ tenantId, archive }: { tenantId: string; archive: ArchiveDetail }) {
  const environment = useEnvironment()
  const permission = usePermission('backups.prepare', environment)
  const reason = isUsable(archive) ? permission.reason : 'Only a complete archive can be restored.'
  return (
    <>
      <ArchiveMenu tenantId={tenantId} archive={archive} />
      {reason === undefined ? (
        <Button
          component={Link}
          href={paths.restorePlan(environment.id, tenantId, archive.archive)}
          leftSection={<IconRestore size={16} aria-hidden />}
        >
          Restore…
        </Button>
      ) : (
        <Tooltip label={reason}>
          <Button data-disabled aria-disabled leftSection={<IconRestore size={16} aria-hidden />}>
            Restore…
          </Button>
        </Tooltip>
      )}
    </>
  )
}
