import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useOperation } from '../../client/hooks.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatBytes, formatCount } from '../../lib/format.ts'
import { SchemaVersion } from './tenant-columns.tsx'
import classes from './tenant-screen.module.css'

/** What the tenant's own schema says about it, at a glance. */
export function TenantFactsBar({ tenant }: { tenant: TenantListRow }) {
  const environment = useEnvironment()
  const migrations = useOperation('migrations.status', { environmentId: environment.id }, { staleTime: 60_000 })
  const { facts } = tenant
  return (
    <dl className={classes.facts}>
      <Fact label="Schema">
        <span className="mono">{tenant.databaseSchema}</span>
        <CopyButton value={tenant.databaseSchema} label="Copy the schema’s name" />
      </Fact>
      <Fact label="Schema version">
        <SchemaVersion version={facts.schemaVersion} latest={migrations.data?.latestTenantVersion} />
      </Fact>
      <Fact label="Employees">{facts.employees === null ? '–' : formatCount(facts.employees)}</Fact>
      <Fact label="Size">{facts.sizeBytes === null ? '–' : formatBytes(facts.sizeBytes)}</Fact>
      <Fact label="Last activity">
        <Timestamp value={facts.lastActivityAt} absent="none yet" />
      </Fact>
      <Fact label="Created">
        <Timestamp value={tenant.createdAt} />
      </Fact>
    </dl>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}
