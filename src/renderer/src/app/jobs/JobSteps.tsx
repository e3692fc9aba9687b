import { Loader } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import type { JobSnapshot, JobStep } from '#shared/contract/jobs.ts'
import { formatDuration } from '../../lib/format.ts'
import classes from './job-steps.module.css'

const WORD: Record<JobStep['state'], string> = { running: 'running', done: 'done', failed: 'failed' }

/** The steps of a job in the order of their starts, each with its state and what it took. */
export function JobSteps({ job }: { job: JobSnapshot }) {
  return (
    <ol className={classes.steps} aria-label="Steps">
      {job.steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end, and names may repeat.
        <li key={index} className={classes.step} data-state={step.state}>
          <span className={classes.mark}>
            <StepIcon state={step.state} />
          </span>
          <span className={classes.name}>{step.name}</span>
          <span className={classes.duration}>
            {step.durationMs === null ? '' : formatDuration(step.durationMs)}
            <span className={classes.unseen}> {WORD[step.state]}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}

function StepIcon({ state }: { state: JobStep['state'] }) {
  if (state === 'done') return <IconCheck size={14} stroke={2.4} aria-hidden />
  if (state === 'failed') return <IconX size={14} stroke={2.4} aria-hidden />
  return <Loader size={14} aria-hidden />
}
