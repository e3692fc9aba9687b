import { Suspense, useEffect } from 'react'
import { Redirect, Route, Switch, useParams } from 'wouter'
import { useOperation } from '../client/hooks.ts'
import { ErrorPanel } from '../components/ErrorPanel.tsx'
import { Screen } from '../components/Screen.tsx'
import { SkeletonRows } from '../components/SkeletonRows.tsx'
import TenantsScreen from '../features/tenants/TenantsScreen.tsx'
import { EnvironmentProvider, useCurrentEnvironment } from './environment.tsx'
import { lazyPart } from './lazy-part.ts'
import { decodeName, paths } from './paths.ts'
import { usePreferences } from './preferences.ts'
import { ScreenBoundary } from './ScreenBoundary.tsx'

// Each screen is its own file, loaded when it is first shown; but the tenants, where the console starts, come with the page.
const TenantScreen = lazyPart(() => import('../features/tenants/TenantScreen.tsx'))
const DataScreen = lazyPart(() => import('../features/data/DataScreen.tsx'))
const BackupsScreen = lazyPart(() => import('../features/backups/BackupsScreen.tsx'))
const ArchiveScreen = lazyPart(() => import('../features/backups/archive/ArchiveScreen.tsx'))
const RestorePlanScreen = lazyPart(() => import('../features/backups/restore/RestorePlanScreen.tsx'))
const RestoreScreen = lazyPart(() => import('../features/backups/restore/RestoreScreen.tsx'))
const HealthScreen = lazyPart(() => import('../features/health/HealthScreen.tsx'))
const AuditScreen = lazyPart(() => import('../features/audit/AuditScreen.tsx'))
const JobsScreen = lazyPart(() => import('../features/jobs/JobsScreen.tsx'))
const JobScreen = lazyPart(() => import('../features/jobs/JobScreen.tsx'))
const EnvironmentsScreen = lazyPart(() => import('../features/environments/EnvironmentsScreen.tsx'))
const EnvironmentScreen = lazyPart(() => import('../features/environments/EnvironmentScreen.tsx'))
const ImportScreen = lazyPart(() => import('../features/environments/ImportScreen.tsx'))
const WelcomeScreen = lazyPart(() => import('../features/environments/WelcomeScreen.tsx'))

export function Screens() {
  return (
    <ScreenBoundary>
      <Suspense fallback={<SkeletonRows />}>
        <Switch>
          <Route path="/">
            <Start />
          </Route>
          <Route path="/environments">
            <EnvironmentsScreen />
          </Route>
          <Route path="/environments/new">
            <EnvironmentScreen key="new" />
          </Route>
          <Route path="/environments/import">
            <ImportScreen />
          </Route>
          <Route path="/environments/:id">{({ id }) => <EnvironmentScreen key={id} environmentId={id} />}</Route>
          <Route path="/audit">
            <AuditScreen />
          </Route>
          <Route path="/jobs">
            <JobsScreen />
          </Route>
          <Route path="/jobs/:id">{({ id }) => <JobScreen key={id} jobId={id} />}</Route>
          <Route path="/e/:environmentId/*?">
            {({ environmentId }) => <InEnvironment key={environmentId} environmentId={environmentId} />}
          </Route>
          <Route>
            <Redirect to={paths.start} replace />
          </Route>
        </Switch>
      </Suspense>
    </ScreenBoundary>
  )
}

/** Where the work was left: the tenants of the last environment, or the first steps where there is none. */
function Start() {
  const list = useOperation('environments.list', {})
  const current = useCurrentEnvironment()
  if (list.isError) return <EnvironmentsFailed error={list.error} onRetry={() => void list.refetch()} />
  if (list.data === undefined) return <SkeletonRows />
  return current === undefined ? <WelcomeScreen /> : <Redirect to={paths.tenants(current.id)} replace />
}

function EnvironmentsFailed(props: { error: Parameters<typeof ErrorPanel>[0]['error']; onRetry: () => void }) {
  return (
    <Screen title="Tenantry">
      <ErrorPanel title="The environments could not be read" {...props} />
    </Screen>
  )
}

function InEnvironment({ environmentId }: { environmentId: string }) {
  const list = useOperation('environments.list', {})
  const environment = list.data?.find(candidate => candidate.id === environmentId)
  const setPreferences = usePreferences(preferences => preferences.set)
  const isKnown = environment !== undefined
  useEffect(() => {
    if (isKnown) setPreferences({ environmentId })
  }, [isKnown, environmentId, setPreferences])
  if (list.isError) return <EnvironmentsFailed error={list.error} onRetry={() => void list.refetch()} />
  if (list.data === undefined) return <SkeletonRows />
  if (environment === undefined) return <Redirect to={paths.start} replace />
  return (
    <EnvironmentProvider value={environment}>
      <Switch>
        <Route path="/e/:environmentId/tenants">
          <TenantsScreen />
        </Route>
        <Route path="/e/:environmentId/tenants/:tenantId">
          {({ tenantId }) => <TenantScreen key={tenantId} tenantId={tenantId} />}
        </Route>
        <Route path="/e/:environmentId/data/:tenantId?/:table?">
          <DataRoute />
        </Route>
        <Route path="/e/:environmentId/backups">
          <BackupsScreen />
        </Route>
        <Route path="/e/:environmentId/backups/:tenantId/archive">
          {({ tenantId }) => <ArchiveScreen key={tenantId} tenantId={tenantId} />}
        </Route>
        <Route path="/e/:environmentId/backups/:tenantId/restore">
          {({ tenantId }) => <RestorePlanScreen key={tenantId} tenantId={tenantId} />}
        </Route>
        <Route path="/e/:environmentId/backups/:tenantId/restore/:restoreId">
          {({ tenantId, restoreId }) => <RestoreScreen key={restoreId} tenantId={tenantId} restoreId={restoreId} />}
        </Route>
        <Route path="/e/:environmentId/health">
          <HealthScreen />
        </Route>
        <Route>
          <Redirect to={paths.tenants(environmentId)} replace />
        </Route>
      </Switch>
    </EnvironmentProvider>
  )
}

function DataRoute() {
  const { tenantId, table } = useParams<{ tenantId?: string; table?: string }>()
  return <DataScreen tenantId={tenantId} table={table === undefined ? undefined : decodeName(table)} />
}
