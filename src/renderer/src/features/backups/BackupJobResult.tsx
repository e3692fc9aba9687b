import { Button, Group, Text } from '@mantine/core'
import { Link } from 'wouter'
import { contracts } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { paths } from '../../app/paths.ts'
import { formatBytes, formatCount, formatDuration, formatPlural } from '../../lib/format.ts'
import { DrillReport } from './overview/DrillReport.tsx'
import { FleetReport } from './overview/FleetReport.tsx'
import { failedReport } from './overview/failed-report.ts'
import { depthSentence } from './parts/archive-words.ts'

const { backups } = contracts

/** What a job of backups came to, and the way to it. */
export default function BackupJobResult({ job }: { job: JobSnapshot }) {
  const { environmentId, tenantId, operation } = job
  if (environmentId === null) return null
  if (operation === 'backups.createAll') {
    const report = backups.createAll.output.safeParse(job.result).data ?? failedReport(job.error?.details)
    return report === undefined ? null : <FleetReport report={report} />
  }
  if (operation === 'backups.drill') {
    const report = backups.drill.output.safeParse(job.result).data
    return report === undefined ? null : <DrillReport report={report} />
  }
  if (tenantId === null) return <FleetWords job={job} />
  return <TenantWords job={job} environmentId={environmentId} tenantId={tenantId} />
}

interface TenantWordsProps {
  job: JobSnapshot
  environmentId: string
  tenantId: string
}

function TenantWords({ job, environmentId, tenantId }: TenantWordsProps) {
  const made = backups.create.output.safeParse(job.result).data
  if (made !== undefined) {
    return (
      <Outcome
        text={`${formatCount(made.rows)} rows of ${formatPlural(made.tables, 'table')}, ${formatBytes(made.storedBytes)} in the store.`}
        href={paths.archive(environmentId, tenantId, { archive: made.archive })}
        label="Open the archive"
      />
    )
  }
  const restore =
    backups.prepare.output.safeParse(job.result).data ?? backups.restore.output.safeParse(job.result).data?.restore
  if (restore !== undefined) {
    return (
      <Outcome
        text={restore.state === 'ready' ? 'It is ready beside live and waits for you.' : undefined}
        href={paths.restore(environmentId, tenantId, restore.id)}
        label="Open the restore"
      />
    )
  }
  const verification = backups.verify.output.safeParse(job.result).data
  if (verification === undefined) return null
  return (
    <Outcome
      text={
        verification.outcome === 'passed'
          ? `Passed: ${depthSentence(verification.depth)}, in ${formatDuration(verification.durationMs)}.`
          : `Failed: ${verification.problems.join('; ')}`
      }
      href={paths.tenant(environmentId, tenantId, 'backups')}
      label="Show the archives"
    />
  )
}

function FleetWords({ job }: { job: JobSnapshot }) {
  const { environmentId } = job
  const clone = backups.clone.output.safeParse(job.result).data
  if (clone !== undefined && environmentId !== null) {
    return (
      <Outcome
        text={`${formatCount(clone.rows)} rows${clone.masked ? ', with personal data masked' : ''}; ${clone.verification.outcome === 'passed' ? 'verified against the archive' : 'it differs from the archive'}.`}
        href={paths.tenant(environmentId, clone.tenant.id)}
        label={`Open ${clone.tenant.name}`}
      />
    )
  }
  const database = backups.restoreFull.output.safeParse(job.result).data
  if (database !== undefined)
    return (
      <Outcome text={`The database ${database.database} is there, with ${formatPlural(database.objects, 'object')}.`} />
    )
  const checked = backups.verifyFull.output.safeParse(job.result).data
  if (checked !== undefined) {
    return <Outcome text={checked.outcome === 'passed' ? 'Passed.' : `Failed: ${checked.problems.join('; ')}`} />
  }
  const cleaned = backups.cleanup.output.safeParse(job.result).data
  if (cleaned !== undefined) {
    return (
      <Outcome
        text={`${formatBytes(cleaned.removedBytes)} removed; ${formatPlural(cleaned.keep, 'archive')} stay.${cleaned.failed.length > 0 ? ` ${cleaned.failed.length} could not be removed.` : ''}`}
      />
    )
  }
  return null
}

function Outcome({ text, href, label }: { text?: string | undefined; href?: string; label?: string }) {
  return (
    <>
      {text !== undefined && <Text size="sm">{text}</Text>}
      {href !== undefined && (
        <Group>
          <Button component={Link} href={href} variant="default">
            {label}
          </Button>
        </Group>
      )}
    </>
  )
}
