import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { useOperation } from '../../client/hooks.ts'
import { useJobStore } from './job-store.ts'

/** One job as it goes; asked for once where the window has not met it yet. */
export function useJob(jobId: string): JobSnapshot | undefined {
  const live = useJobStore(state => state.jobs.find(job => job.id === jobId))
  const asked = useOperation('jobs.get', { jobId }, { enabled: live === undefined })
  return live ?? asked.data
}
