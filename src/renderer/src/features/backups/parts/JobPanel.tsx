import { Button, Text } from '@mantine/core'
import { IconPlayerStop } from '@tabler/icons-react'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError } from '#shared/errors.ts'
import { JobProgressBar } from '../../../app/jobs/JobProgressBar.tsx'
import { JobSteps } from '../../../app/jobs/JobSteps.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { JobStateMark } from '../../../components/JobStateMark.tsx'
import { formatClock } from '../../../lib/time.ts'
import classes from './parts.module.css'
import { useShownHere } from './use-shown-here.ts'

interface JobPanelProps {
  job: JobSnapshot
  title: string
  /** What happens to the work when it is cancelled. */
  cancelNote?: string
  /** Leaves the work to the job tray; absent where the screen has nothing else to show. */
  onBackground?: (() => void) | undefined
  /** Lines of the job's log to show under it. */
  logLines?: number
}

/** A job where it was started: its steps, how far it is and for how long still, and the way to stop it. */
export function JobPanel({ job, title, cancelNote, onBackground, logLines = 0 }: JobPanelProps) {
  const cancel = useMutationOperation('jobs.cancel')
  useShownHere(job.id)
  const isOver = isJobOver(job.state)
  const toBackground = () => {
    setTrayOpen(true)
    onBackground?.()
  }
  return (
    <section className={classes.panel} aria-label={title}>
      <div className={classes.head}>
        <h2>{title}</h2>
        <JobStateMark state={job.state} form="pill" />
      </div>
      {!isOver && <JobProgressBar job={job} />}
      <div style={{ marginTop: 12 }}>
        <JobSteps job={job} />
      </div>
      {logLines > 0 && <LogTail job={job} lines={logLines} />}
      {job.error !== null && job.state !== 'cancelled' && (
        <div style={{ marginTop: 12 }}>
          <ErrorPanel error={AppError.fromData(job.error)} />
        </div>
      )}
      {!isOver && (
        <div className={classes.jobActions}>
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={15} aria-hidden />}
            loading={job.state === 'cancelling'}
            onClick={() => cancel.mutate({ jobId: job.id })}
          >
            Cancel
          </Button>
          {onBackground !== undefined && (
            <Button variant="default" onClick={toBackground}>
              Continue in the background
            </Button>
          )}
          {cancelNote !== undefined && (
            <Text size="xs" c="dimmed" style={{ alignSelf: 'center' }}>
              {cancelNote}
            </Text>
          )}
        </div>
      )}
    </section>
  )
}

function LogTail({ job, lines }: { job: JobSnapshot; lines: number }) {
  const tail = job.log.slice(-lines)
  if (tail.length === 0) return null
  return (
    <ol className={classes.log} aria-label="Latest messages">
      {tail.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added at the end.
        <li key={index}>
          <time dateTime={line.at}>{formatClock(line.at)}</time> {line.text}
        </li>
      ))}
    </ol>
  )
}
