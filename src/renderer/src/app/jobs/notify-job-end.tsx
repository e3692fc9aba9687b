import { Anchor } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconCheck, IconPlayerStop } from '@tabler/icons-react'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { useHashLocation } from '../location.ts'
import { paths } from '../paths.ts'
import { titleOf } from './job-title.ts'

const ICON = { size: 16, stroke: 2, 'aria-hidden': true } as const

/** Tells the end of a job that nobody is looking at. */
export function notifyJobEnd(job: JobSnapshot): void {
  const id = `job-${job.id}`
  notifications.show({
    id,
    ...lookOf(job),
    title: titleOf(job),
    message: (
      <>
        {wordsOf(job)}{' '}
        <Anchor href={useHashLocation.hrefs?.(paths.job(job.id))} onClick={() => notifications.hide(id)}>
          Show the job
        </Anchor>
      </>
    ),
    autoClose: job.state === 'succeeded' ? 8_000 : false,
    withBorder: true,
  })
}

function lookOf(job: JobSnapshot): { color: string; icon: React.ReactNode } {
  if (job.state === 'succeeded') return { color: 'teal', icon: <IconCheck {...ICON} /> }
  if (job.state === 'cancelled') return { color: 'gray', icon: <IconPlayerStop {...ICON} /> }
  return { color: 'red', icon: <IconAlertTriangle {...ICON} /> }
}

function wordsOf(job: JobSnapshot): string {
  if (job.state === 'succeeded') return 'Done.'
  if (job.state === 'cancelled') return 'Cancelled.'
  if (job.state === 'interrupted') return 'Interrupted: the console ended while it ran.'
  return job.error?.message ?? 'It failed.'
}
