import { Anchor } from '@mantine/core'
import { Link } from 'wouter'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { paths } from '../../app/paths.ts'
import type { GridColumn } from '../../components/grid/types.ts'
import { TenantStatusMark, tenantStatusWord } from '../../components/TenantStatusMark.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatBytes, formatCount } from '../../lib/format.ts'
import { TenantMenu } from './TenantMenu.tsx'
import classes from './tenants.module.css'

/** The columns of the list. @param latestVersion the newest tenant migration there is; undefined while not known. */
export function tenantColumns(
  environment: Environment,
  latestVersion: number | undefined,
): GridColumn<TenantListRow>[] {
  return [
    {
      id: 'name',
      title: 'Tenant',
      width: 230,
      canGrow: true,
      sortKey: 'name',
      copyText: tenant => tenant.name,
      render: tenant => (
        <Anchor
          component={Link}
          href={paths.tenant(environment.id, tenant.id)}
          tabIndex={-1}
          className={classes.name}
          title={tenant.name}
        >
          {tenant.name}
        </Anchor>
      ),
    },
    {
      id: 'slug',
      title: 'Slug',
      width: 160,
      canGrow: true,
      sortKey: 'slug',
      copyText: tenant => tenant.slug,
      render: tenant => <span className={`mono truncate ${classes.soft}`}>{tenant.slug}</span>,
    },
    {
      id: 'status',
      title: 'Status',
      width: 118,
      copyText: tenant => tenantStatusWord(tenant.status),
      render: tenant => <TenantStatusMark status={tenant.status} />,
    },
    {
      id: 'version',
      title: 'Version',
      hint: 'Highest migration of the tenant’s schema',
      width: 84,
      isEnd: true,
      render: tenant => <SchemaVersion version={tenant.facts.schemaVersion} latest={latestVersion} />,
    },
    {
      id: 'employees',
      title: 'Employees',
      width: 100,
      isEnd: true,
      render: tenant => <Fact value={tenant.facts.employees} write={formatCount} />,
    },
    {
      id: 'size',
      title: 'Size',
      hint: 'Tables, indexes and TOAST',
      width: 92,
      isEnd: true,
      render: tenant => <Fact value={tenant.facts.sizeBytes} write={formatBytes} />,
    },
    {
      id: 'activity',
      title: 'Last activity',
      hint: 'Latest login or audit entry of the tenant',
      width: 124,
      render: tenant => <Timestamp value={tenant.facts.lastActivityAt} absent="none yet" />,
    },
    {
      id: 'created',
      title: 'Created',
      width: 120,
      sortKey: 'createdAt',
      render: tenant => <Timestamp value={tenant.createdAt} />,
    },
    {
      id: 'menu',
      title: '',
      width: 48,
      isEnd: true,
      render: tenant => <TenantMenu tenant={tenant} place="row" />,
    },
  ]
}

function Fact<T>({ value, write }: { value: T | null; write: (value: T) => string }) {
  if (value !== null) return <span>{write(value)}</span>
  return (
    <span className={classes.soft} data-tip="Could not be read">
      –
    </span>
  )
}

export function SchemaVersion({ version, latest }: { version: number | null; latest: number | undefined }) {
  if (version === null || latest === undefined || version >= latest) return <Fact value={version} write={String} />
  return (
    <span className={classes.behind} data-tip={`Behind: the newest is ${latest}`}>
      {version} of {latest}
    </span>
  )
}
