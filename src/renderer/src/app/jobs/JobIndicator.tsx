import { ActionIcon, Indicator, Tooltip } from '@mantine/core'
import { IconListCheck, IconLoader2 } from '@tabler/icons-react'
import { isJobOver } from '#shared/contract/jobs.ts'
import { formatPlural } from '../../lib/format.ts'
import { setTrayOpen, useJobStore } from './job-store.ts'
import classes from './jobs.module.css'

/** How many jobs run, wherever one is; opens and closes the tray. */
export function JobIndicator() {
  const isTrayOpen = useJobStore(state => state.isTrayOpen)
  const running = useJobStore(state => state.jobs.filter(job => !isJobOver(job.state)).length)
  const label = running === 0 ? 'Jobs' : `${formatPlural(running, 'job')} running`
  return (
    <Tooltip label={label}>
      <Indicator label={running} size={15} offset={6} disabled={running === 0}>
        <ActionIcon size={32} aria-label={label} aria-expanded={isTrayOpen} onClick={() => setTrayOpen(!isTrayOpen)}>
          {running === 0 ? (
            <IconListCheck size={18} stroke={1.7} />
          ) : (
            <IconLoader2 size={18} stroke={1.9} className={classes.spin} />
          )}
        </ActionIcon>
      </Indicator>
    </Tooltip>
  )
}
