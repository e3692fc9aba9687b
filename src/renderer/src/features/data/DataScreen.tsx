import { IconDatabaseSearch, IconTable } from '@tabler/icons-react'
import { useLocation } from 'wouter'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { Screen } from '../../components/Screen.tsx'
import classes from './data-screen.module.css'
import { TableGrid } from './TableGrid.tsx'
import { TableList } from './TableList.tsx'
import { TenantPicker } from './TenantPicker.tsx'

interface DataScreenProps {
  tenantId: string | undefined
  table: string | undefined
}

/** The rows of a tenant's tables: choose a tenant, then a table. */
export default function DataScreen({ tenantId, table }: DataScreenProps) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const tables = useOperation(
    'data.tables',
    tenantId === undefined ? undefined : { environmentId: environment.id, tenantId },
  )
  return (
    <Screen
      title="Data"
      layout="fill"
      aside={
        <TenantPicker tenantId={tenantId} onPick={picked => navigate(paths.data(environment.id, picked, table))} />
      }
    >
      {tenantId === undefined ? (
        <Empty
          icon={IconDatabaseSearch}
          title="Choose a tenant"
          description="Its tables are listed here, with their sizes; a table opens in a grid that pages through any number of rows."
        />
      ) : (
        <div className={classes.split}>
          <TableList tenantId={tenantId} tables={tables} selected={table} />
          <div className={classes.content}>
            {table === undefined ? (
              <Empty
                icon={IconTable}
                title="Choose a table"
                description="The list on the left shows what this tenant has."
              />
            ) : (
              <TableGrid
                key={`${tenantId}/${table}`}
                tenantId={tenantId}
                table={table}
                facts={tables.data?.find(candidate => candidate.name === table)}
              />
            )}
          </div>
        </div>
      )}
    </Screen>
  )
}
