import { Button, Group, Text } from '@mantine/core'
import { Suspense } from 'react'
import { Link } from 'wouter'
import { contracts } from '#shared/contract/index.ts'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { lazyPart } from '../../app/lazy-part.ts'
import { paths } from '../../app/paths.ts'
import { formatEstimate, formatPlural } from '../../lib/format.ts'
import { OneTimePassword } from '../tenants/OneTimePassword.tsx'

const BackupJobResult = lazyPart(() => import('../backups/BackupJobResult.tsx'))

const Provisioned = contracts.tenants.create.output
const Removed = contracts.tenants.delete.output

/** What a job came to, for the operations that have something to show. */
export function JobResult({ job }: { job: JobSnapshot }) {
  if (isJobOver(job.state) && job.operation.startsWith('backups.')) {
    return (
      <Suspense>
        <BackupJobResult job={job} />
      </Suspense>
    )
  }
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
