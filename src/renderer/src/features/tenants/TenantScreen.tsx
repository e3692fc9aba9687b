import { ActionIcon, Button, Tabs, Tooltip } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Suspense } from 'react'
import { Link } from 'wouter'
import type { ErrorCode } from '#shared/errors.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { lazyPart } from '../../app/lazy-part.ts'
import { paths } from '../../app/paths.ts'
import { useViewState } from '../../app/view-state.ts'
import { useOperation } from '../../client/hooks.ts'
import { EnvironmentSettingsLink } from '../../components/EnvironmentSettingsLink.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { TenantStatusMark } from '../../components/TenantStatusMark.tsx'
import { isRegistryMissing, RegistrySetup } from './RegistrySetup.tsx'
import { RetryButton } from './RetryButton.tsx'
import { TenantFactsBar } from './TenantFactsBar.tsx'
import { TenantMenu } from './TenantMenu.tsx'
import { TenantStateNotice } from './TenantStateNotice.tsx'
import classes from './tenant-screen.module.css'

const OverviewTab = lazyPart(() => import('./OverviewTab.tsx'))
const TablesTab = lazyPart(() => import('./TablesTab.tsx'))
const FeaturesTab = lazyPart(() => import('./FeaturesTab.tsx'))
const BackupsTab = lazyPart(() => import('../backups/timeline/TenantBackupsTab.tsx'))
const HistoryTab = lazyPart(() => import('./HistoryTab.tsx'))

const TABS = [
  { value: 'overview', label: 'Overview' },
  { value: 'tables', label: 'Tables' },
  { value: 'features', label: 'Features' },
  { value: 'backups', label: 'Backups' },
  { value: 'history', label: 'History' },
] as const

export default function TenantScreen({ tenantId }: { tenantId: string }) {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const tenant = useOperation('tenants.get', { environmentId: environment.id, tenantId })
  const back = (
    <Tooltip label="All tenants">
      <ActionIcon component={Link} href={paths.tenants(environment.id)} aria-label="All tenants">
        <IconArrowLeft size={18} />
      </ActionIcon>
    </Tooltip>
  )
  if (isRegistryMissing(tenant.error)) return <RegistrySetup />
  if (tenant.data === undefined) {
    return (
      <Screen title="Tenant" back={back}>
        {tenant.error === null ? (
          <SkeletonRows rows={8} columns={3} />
        ) : (
          <ErrorPanel
            error={tenant.error}
            title="The tenant could not be shown"
            onRetry={() => void tenant.refetch()}
            isRetrying={tenant.isFetching}
            actions={<WayOut code={tenant.error.code} />}
          />
        )}
      </Screen>
    )
  }
  const tab = TABS.find(({ value }) => value === params.get('tab'))?.value ?? 'overview'
  const props = { tenant: tenant.data }
  return (
    <Screen
      title={tenant.data.name}
      layout="fill"
      back={back}
      aside={
        <>
          <span className={`mono ${classes.slug}`}>{tenant.data.slug}</span>
          <TenantStatusMark status={tenant.data.status} form="pill" />
        </>
      }
      actions={
        <>
          <TenantMenu tenant={tenant.data} place="page" />
          <RetryButton tenant={tenant.data} />
        </>
      }
    >
      <TenantStateNotice tenant={tenant.data} />
      <TenantFactsBar tenant={tenant.data} />
      <Tabs
        value={tab}
        onChange={value => setView({ tab: value === 'overview' ? undefined : (value ?? undefined) })}
        keepMounted={false}
        classNames={{ root: classes.tabs ?? '', panel: classes.panel ?? '', list: classes.list ?? '' }}
      >
        <Tabs.List aria-label="About this tenant">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<SkeletonRows rows={6} columns={3} />}>
          <Tabs.Panel value="overview">
            <OverviewTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="tables">
            <TablesTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="features">
            <FeaturesTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="backups">
            <BackupsTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <HistoryTab {...props} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Screen>
  )
}

function WayOut({ code }: { code: ErrorCode }) {
  const environment = useEnvironment()
  if (code === 'CONNECTION_FAILED') return <EnvironmentSettingsLink />
  if (code !== 'NOT_FOUND') return null
  return (
    <Button component={Link} href={paths.tenants(environment.id)} variant="default">
      Show the list of tenants
    </Button>
  )
}
