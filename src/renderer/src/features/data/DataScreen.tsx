import { Button } from '@mantine/core'
import { IconDatabaseSearch, IconTable, IconTableOff } from '@tabler/icons-react'
import { useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import classes from './data-screen.module.css'
import { useDataLayout } from './layout-store.ts'
import { forgetTenant, rememberTenant, useRecentTenants } from './recent-tenants.ts'
import { TableList } from './TableList.tsx'
import { TableView } from './TableView.tsx'
import { TenantPicker } from './TenantPicker.tsx'

interface DataScreenProps {
  tenantId?: string | undefined
  table?: string | undefined
}

/** The rows of a tenant's tables: choose a tenant, then a table. */
export default function DataScreen({ tenantId, table }: DataScreenProps) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const tenant = useOperation(
    'tenants.get',
    tenantId === undefined ? undefined : { environmentId: environment.id, tenantId },
  )
  const isGone = tenant.error?.code === 'NOT_FOUND'
  useEffect(() => {
    if (tenant.data !== undefined) rememberTenant(environment.id, tenant.data)
    else if (isGone && tenantId !== undefined) forgetTenant(environment.id, tenantId)
  }, [environment.id, tenantId, tenant.data, isGone])
  return (
    <Screen
      title="Data"
      layout="fill"
      aside={
        <TenantPicker tenant={tenant.data} onPick={picked => navigate(paths.data(environment.id, picked, table))} />
      }
    >
      {tenantId === undefined ? (
        <NoTenant />
      ) : tenant.data === undefined && tenant.error !== null ? (
        <div style={{ padding: '8px 20px' }}>
          <ErrorPanel
            title={isGone ? 'There is no such tenant here' : 'The tenant could not be read'}
            error={tenant.error}
            {...(isGone ? {} : { onRetry: () => void tenant.refetch() })}
            isRetrying={tenant.isFetching}
            actions={
              isGone && (
                <Button component={Link} href={paths.data(environment.id)} variant="default">
                  Choose another tenant
                </Button>
              )
            }
          />
        </div>
      ) : (
        <Tables tenantId={tenantId} table={table} />
      )}
    </Screen>
  )
}

/** The last tenants are one click away. */
function NoTenant() {
  const environment = useEnvironment()
  const recent = useRecentTenants(environment.id)
  return (
    <Empty
      icon={IconDatabaseSearch}
      title="Choose a tenant"
      description="Search above by name, slug or administrator. Its tables open in a grid that pages through any number of rows."
      actions={recent.map(({ id, name }) => (
        <Button key={id} component={Link} href={paths.data(environment.id, id)} variant="default">
          {name}
        </Button>
      ))}
    />
  )
}

function Tables({ tenantId, table }: { tenantId: string; table: string | undefined }) {
  const environment = useEnvironment()
  const { isListHidden } = useDataLayout()
  const tables = useOperation('data.tables', { environmentId: environment.id, tenantId })
  return (
    <div className={classes.split}>
      {(table === undefined || !isListHidden) && (
        <nav className={classes.tables} aria-label="Tables">
          <TableList environmentId={environment.id} tenantId={tenantId} selected={table} />
        </nav>
      )}
      {table === undefined ? (
        <div className={classes.content}>
          {tables.data?.length === 0 ? (
            <NoTables tenantId={tenantId} />
          ) : (
            <Empty
              icon={IconTable}
              title="Choose a table"
              description="The list on the left shows what this tenant has. Arrows walk it, Enter opens a table."
            />
          )}
        </div>
      ) : (
        <TableView
          key={`${tenantId}/${table}`}
          tenantId={tenantId}
          table={table}
          facts={tables.data?.find(candidate => candidate.name === table)}
        />
      )}
    </div>
  )
}

function NoTables({ tenantId }: { tenantId: string }) {
  const environment = useEnvironment()
  return (
    <Empty
      icon={IconTableOff}
      title="No tables"
      description="The schema of this tenant is missing or holds no tables. Its page shows its state and history."
      actions={
        <Button component={Link} href={paths.tenant(environment.id, tenantId)} variant="default">
          Open the tenant
        </Button>
      }
    />
  )
}
