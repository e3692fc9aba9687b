import { Button, Text, Tooltip } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { useEnvironment, usePermission } from '../../app/environment.tsx'
import { lazyPart } from '../../app/lazy-part.ts'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useViewState } from '../../app/view-state.ts'
import { usePagedOperation } from '../../client/hooks.ts'
import { Screen } from '../../components/Screen.tsx'
import { formatPlural } from '../../lib/format.ts'
import { isRegistryMissing, RegistrySetup } from './RegistrySetup.tsx'
import { TenantFilters } from './TenantFilters.tsx'
import { TenantList } from './TenantList.tsx'
import { readTenantView } from './tenant-view.ts'

const CreateTenant = lazyPart(() => import('./CreateTenant.tsx'))

const PAGE_SIZE = 50

export default function TenantsScreen() {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const view = readTenantView(params)
  const mayCreate = usePermission('tenants.create', environment)
  const tenants = usePagedOperation(
    'tenants.list',
    {
      environmentId: environment.id,
      limit: PAGE_SIZE,
      sort: view.sort.key,
      direction: view.sort.direction,
      ...(view.search === '' ? {} : { search: view.search }),
      ...(view.status.length === 0 ? {} : { status: view.status }),
    },
    { keepPrevious: true },
  )
  const openCreate = () => {
    if (mayCreate.isAllowed) setView({ new: '1' })
  }
  useShortcut('n', 'New tenant', openCreate)
  if (isRegistryMissing(tenants.error)) return <RegistrySetup />
  const total = tenants.data?.pages[0]?.total
  return (
    <Screen
      title="Tenants"
      layout="fill"
      aside={
        total !== undefined && (
          <Text size="sm" c="dimmed" className="numeric" role="status">
            {formatPlural(total, 'tenant')}
          </Text>
        )
      }
      toolbar={<TenantFilters view={view} onChange={setView} />}
      actions={
        <Tooltip label={mayCreate.reason ?? 'New tenant (n)'}>
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={openCreate}
            data-disabled={!mayCreate.isAllowed}
            aria-disabled={!mayCreate.isAllowed}
          >
            New tenant
          </Button>
        </Tooltip>
      }
    >
      <TenantList query={tenants} view={view} onChange={setView} onCreate={openCreate} />
      <Creation isAsked={params.get('new') === '1'} onAnswered={() => setView({ new: undefined })} />
    </Screen>
  )
}

/** The address asks for the form; once that was sent, a reload or the way back must not bring an empty one. */
function Creation({ isAsked, onAnswered }: { isAsked: boolean; onAnswered: () => void }) {
  const [isStarted, setStarted] = useState(false)
  const settle = (hasStarted: boolean) => {
    setStarted(hasStarted)
    onAnswered()
  }
  return (
    <Suspense>
      {(isAsked || isStarted) && <CreateTenant onStart={() => settle(true)} onClose={() => settle(false)} />}
    </Suspense>
  )
}
