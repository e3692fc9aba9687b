import { Progress } from '@mantine/core'
import type { JobProgress, JobSnapshot } from '#shared/contract/jobs.ts'
import { formatBytes, formatCount, formatDuration } from '../../lib/format.ts'
import { useJobStore } from './job-store.ts'
import { titleOf } from './job-title.ts'
import classes from './jobs.module.css'
import { type Pace, paceOf } from './rate.ts'

/** Progress of a running job in words and as a bar: what is done, how fast, and for how long still. */
export function JobProgressBar({ job }: { job: JobSnapshot }) {
  const samples = useJobStore(state => state.samples[job.id])
  const { progress } = job
  const pace = progress === null ? undefined : paceOf(samples ?? [], progress)
  const share = progress === null || progress.total === null ? null : percentOf(progress.done, progress.total)
  const step = job.steps.findLast(candidate => candidate.state === 'running')?.name
  return (
    <>
      <Progress.Root size={6} mt={8} radius="xl">
        <Progress.Section
          value={share ?? 100}
          animated={share === null}
          striped={share === null}
          aria-label={`Progress of ${titleOf(job)}`}
          {...(share === null ? { 'aria-valuetext': 'not known' } : {})}
        />
      </Progress.Root>
      <div className={classes.jobFacts}>
        <span className="truncate">
          {job.state === 'cancelling' ? 'Stopping…' : (progress?.note ?? step ?? 'Working…')}
        </span>
        <span style={{ flex: 'none' }}>{progress === null ? '' : progressWords(progress, pace)}</span>
      </div>
    </>
  )
}

const percentOf = (done: number, total: number): number => (total === 0 ? 100 : Math.min((done / total) * 100, 100))

/** 3 of 12 steps · 41 rows/s · 2 min left. */
export function progressWords(progress: JobProgress, pace: Pace | undefined): string {
  const write = progress.unit === 'bytes' ? formatBytes : formatCount
  const unit = progress.unit === 'bytes' ? '' : ` ${progress.unit}`
  const done = Math.round(progress.done)
  const parts = [
    progress.total === null ? `${write(done)}${unit}` : `${write(done)} of ${write(progress.total)}${unit}`,
  ]
  if (pace !== undefined && pace.perSecond >= 1) parts.push(`${write(Math.round(pace.perSecond))}${unit}/s`)
  if (pace?.leftMs != null) parts.push(`${formatDuration(Math.max(pace.leftMs, 1_000))} left`)
  return parts.join(' · ')
}
