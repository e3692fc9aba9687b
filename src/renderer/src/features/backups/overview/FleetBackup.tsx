import { Button } from '@mantine/core'
import { contracts } from '#shared/contract/index.ts'
import { isJobOver } from '#shared/contract/jobs.ts'
import { useJob } from '../../../app/jobs/use-job.ts'
import { JobPanel } from '../parts/JobPanel.tsx'
import parts from '../parts/parts.module.css'
import { FleetReport } from './FleetReport.tsx'
import { failedReport } from './failed-report.ts'
import classes from './overview.module.css'

const Report = contracts.backups.createAll.output

/** The backup of all tenants over the list: how far it is, then how it went for each. */
export function FleetBackup({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const job = useJob(jobId)
  if (job === undefined) return null
  const report = Report.safeParse(job.result).data ?? failedReport(job.error?.details)
  return (
    <div className={classes.fleet}>
      {report === undefined ? (
        <JobPanel
          job={job}
          title="Backing up all tenants"
          onBackground={onClose}
          logLines={4}
          cancelNote="Archives that are whole stay; those being written are removed."
        />
      ) : (
        <FleetReport report={report} />
      )}
      {isJobOver(job.state) && (
        <div className={parts.jobActions}>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </div>
      )}
    </div>
  )
}
