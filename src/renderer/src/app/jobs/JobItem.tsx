import { ActionIcon, Tooltip } from '@mantine/core'
import { IconPlayerStop } from '@tabler/icons-react'
import { Link } from 'wouter'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { JobStateMark } from '../../components/JobStateMark.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatDuration } from '../../lib/format.ts'
import { paths } from '../paths.ts'
import { JobProgressBar } from './JobProgressBar.tsx'
import { titleOf } from './job-title.ts'
import classes from './jobs.module.css'

/** One job in the tray: state, progress with rate and time left, cancel. */
export function JobItem({ job }: { job: JobSnapshot }) {
  const cancel = useMutationOperation('jobs.cancel')
  const isOver = isJobOver(job.state)
  return (
    <div className={classes.job}>
      <div className={classes.jobTitle}>
        <JobStateMark state={job.state} />
        <Link href={paths.job(job.id)} className="truncate" title={job.title}>
          {titleOf(job)}
        </Link>
        {!isOver && (
          <Tooltip label="Cancel">
            <ActionIcon
              size={24}
              aria-label={`Cancel ${titleOf(job)}`}
              disabled={job.state === 'cancelling'}
              onClick={() => cancel.mutate({ jobId: job.id })}
            >
              <IconPlayerStop size={15} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {isOver ? <FinishedFacts job={job} /> : <JobProgressBar job={job} />}
    </div>
  )
}

function FinishedFacts({ job }: { job: JobSnapshot }) {
  return (
    <div className={classes.jobFacts}>
      <span className="truncate">{job.error?.message ?? `Took ${durationOf(job)}`}</span>
      <span style={{ flex: 'none' }}>
        <Timestamp value={job.finishedAt} />
      </span>
    </div>
  )
}

function durationOf(job: JobSnapshot): string {
  if (job.startedAt === null || job.finishedAt === null) return 'no time'
  return formatDuration(Date.parse(job.finishedAt) - Date.parse(job.startedAt))
}
