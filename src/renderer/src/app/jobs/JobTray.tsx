import { CloseButton, Text } from '@mantine/core'
import { Link } from 'wouter'
import { isJobOver } from '#shared/contract/jobs.ts'
import { paths } from '../paths.ts'
import { JobItem } from './JobItem.tsx'
import { setTrayOpen, useJobStore } from './job-store.ts'
import classes from './jobs.module.css'

const FINISHED_SHOWN = 4

/** What runs now and what ended last, over every screen. */
export default function JobTray() {
  const { isTrayOpen, jobs } = useJobStore()
  if (!isTrayOpen) return null
  const running = jobs.filter(job => !isJobOver(job.state))
  const finished = jobs.filter(job => isJobOver(job.state)).slice(0, FINISHED_SHOWN)
  return (
    <aside className={classes.tray} aria-label="Jobs">
      <div className={classes.trayHead}>
        <Text size="sm" fw={600} flex={1}>
          {running.length === 0 ? 'No job is running' : `Running · ${running.length}`}
        </Text>
        <Link href={paths.jobs} onClick={() => setTrayOpen(false)}>
          <Text span size="xs" c="var(--accent-text)">
            All jobs
          </Text>
        </Link>
        <CloseButton size="sm" aria-label="Close the job tray" onClick={() => setTrayOpen(false)} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className={classes.trayBody} tabIndex={0} aria-label="List of jobs">
        {[...running, ...finished].map(job => (
          <JobItem key={job.id} job={job} />
        ))}
        {jobs.length === 0 && (
          <Text size="sm" c="dimmed" p="md">
            Long work, such as provisioning a tenant, shows its progress here.
          </Text>
        )}
      </section>
    </aside>
  )
}
