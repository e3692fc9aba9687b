import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconArrowLeft, IconPlayerStop } from '@tabler/icons-react'
import { useEffect } from 'react'
import { Link } from 'wouter'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError } from '#shared/errors.ts'
import { JobProgressBar } from '../../app/jobs/JobProgressBar.tsx'
import { JobSteps } from '../../app/jobs/JobSteps.tsx'
import { holdNotification } from '../../app/jobs/job-store.ts'
import { titleOf } from '../../app/jobs/job-title.ts'
import { useJob } from '../../app/jobs/use-job.ts'
import { paths } from '../../app/paths.ts'
import { useMutationOperation, useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { JobStateMark } from '../../components/JobStateMark.tsx'
import { Screen } from '../../components/Screen.tsx'
import { ShortId } from '../../components/ShortId.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatDuration } from '../../lib/format.ts'
import { formatClock } from '../../lib/time.ts'
import { JobResult } from './JobResult.tsx'
import classes from './jobs-screen.module.css'

/** One job: its steps, its progress, its log and its result. */
export default function JobScreen({ jobId }: { jobId: string }) {
  const job = useJob(jobId)
  useEffect(() => holdNotification(jobId), [jobId])
  // Says why there is nothing to show; the same question as the one in useJob, asked once.
  const asked = useOperation('jobs.get', { jobId }, { enabled: job === undefined })
  const cancel = useMutationOperation('jobs.cancel')
  const back = (
    <Tooltip label="All jobs">
      <ActionIcon component={Link} href={paths.jobs} aria-label="All jobs">
        <IconArrowLeft size={18} />
      </ActionIcon>
    </Tooltip>
  )
  if (job === undefined) {
    return (
      <Screen title="Job" back={back}>
        {asked.error === null ? (
          <SkeletonRows rows={6} columns={2} />
        ) : (
          <ErrorPanel error={asked.error} title="The job could not be shown" onRetry={() => void asked.refetch()} />
        )}
      </Screen>
    )
  }
  const isOver = isJobOver(job.state)
  return (
    <Screen
      title={titleOf(job)}
      back={back}
      aside={<JobStateMark state={job.state} form="pill" />}
      actions={
        !isOver && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={15} aria-hidden />}
            loading={job.state === 'cancelling'}
            onClick={() => cancel.mutate({ jobId })}
          >
            Cancel
          </Button>
        )
      }
    >
      <JobFacts job={job} />
      <div className={classes.columns}>
        <div className={classes.column}>
          {!isOver && <JobProgressBar job={job} />}
          {job.error !== null && <ErrorPanel error={AppError.fromData(job.error)} />}
          {job.state === 'interrupted' && job.error === null && (
            <ErrorPanel
              error={
                new AppError('INTERNAL', 'The console ended while this job ran.', {
                  hint: 'It is not resumed by itself. Look at what it had done, then start it again.',
                  id: job.id,
                })
              }
            />
          )}
          <JobSteps job={job} />
          <JobResult job={job} />
        </div>
        <div className={classes.column}>{job.log.length > 0 && <JobLogLines log={job.log} />}</div>
      </div>
    </Screen>
  )
}

function JobFacts({ job }: { job: JobSnapshot }) {
  const took =
    job.startedAt === null || job.finishedAt === null
      ? undefined
      : formatDuration(Date.parse(job.finishedAt) - Date.parse(job.startedAt))
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Operation</dt>
        <dd className="mono">{job.operation}</dd>
      </div>
      <div>
        <dt>Started by</dt>
        <dd>{job.who}</dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>
          <Timestamp value={job.startedAt ?? job.createdAt} form="full" />
        </dd>
      </div>
      {took !== undefined && (
        <div>
          <dt>Took</dt>
          <dd>{took}</dd>
        </div>
      )}
      <div>
        <dt>Id</dt>
        <dd>
          <ShortId value={job.id} />
        </dd>
      </div>
    </dl>
  )
}

function JobLogLines({ log }: { log: JobSnapshot['log'] }) {
  return (
    <>
      <h2>Log</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <ol className={classes.log} tabIndex={0} aria-label="Log">
        {log.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end.
          <li key={index}>
            <time dateTime={line.at} data-tip-time={line.at}>
              {formatClock(line.at)}
            </time>{' '}
            {line.text}
          </li>
        ))}
      </ol>
    </>
  )
}
