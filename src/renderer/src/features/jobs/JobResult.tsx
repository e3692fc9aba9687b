import { Button, Group, Text } from '@mantine/core'
import { Link } from 'wouter'
import { contracts } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { paths } from '../../app/paths.ts'
import { formatEstimate, formatPlural } from '../../lib/format.ts'
import { OneTimePassword } from '../tenants/OneTimePassword.tsx'

const Provisioned = contracts.tenants.create.output
const Removed = contracts.tenants.delete.output

/** What a job came to, for the operations that have something to show. */
export function JobResult({ job }: { job: JobSnapshot }) {
  if (job.state !== 'succeeded' || job.environmentId === null) return null
  const provisioned = Provisioned.safeParse(job.result).data
  if (provisioned !== undefined) {
    return (
      <>
        <OneTimePassword
          ticket={provisioned.passwordTicket}
          email={provisioned.adminEmail}
          tenantName={provisioned.tenant.name}
        />
        <Group>
          <Button component={Link} href={paths.tenant(job.environmentId, provisioned.tenant.id)}>
            Open {provisioned.tenant.name}
          </Button>
        </Group>
      </>
    )
  }
  const removed = Removed.safeParse(job.result).data
  if (removed === undefined) return null
  return (
    <Text size="sm">
      <span className="mono">{removed.slug}</span> was removed
      {removed.schemaDropped
        ? `, with ${formatPlural(removed.tables, 'table')} and about ${formatEstimate(removed.rowsEstimate)} rows.`
        : '; there was no schema to drop.'}
    </Text>
  )
}
