import { useEffect } from 'react'
import { holdNotification, setTrayOpen } from '../../../app/jobs/job-store.ts'

/** A job whose progress is on this screen needs neither the tray over it, where its buttons are, nor a notification at its end. */
export function useShownHere(jobId: string | undefined): void {
  useEffect(() => {
    if (jobId === undefined) return
    setTrayOpen(false)
    return holdNotification(jobId)
  }, [jobId])
}
