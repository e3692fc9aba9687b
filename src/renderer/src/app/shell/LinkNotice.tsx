import { IconPlugConnectedX } from '@tabler/icons-react'
import { useJobStore } from '../jobs/job-store.ts'
import classes from './shell.module.css'

/** Says that the window has lost its kernel; it comes back by itself. */
export function LinkNotice() {
  const link = useJobStore(state => state.link)
  return (
    <div role="status">
      {link === 'lost' && (
        <div className={classes.notice}>
          <IconPlugConnectedX size={16} aria-hidden />
          <span>
            <strong>The console does not answer.</strong> What is shown may be old. Connecting again…
          </span>
        </div>
      )}
    </div>
  )
}
