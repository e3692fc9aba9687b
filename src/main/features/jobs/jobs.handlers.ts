import { isJobOver } from '#shared/contract/jobs.ts'
import type { HandlersOf } from '../../kernel/context.ts'
import type { JobManager } from '../../kernel/jobs.ts'

export const jobsHandlers = (
  jobs: Pick<JobManager, 'list' | 'get' | 'cancel' | 'subscribe' | 'claimSecret'>,
): HandlersOf<'jobs'> => ({
  list: async ({ limit }) => jobs.list(limit),
  get: async ({ jobId }) => jobs.get(jobId),
  cancel: async ({ jobId }) => jobs.cancel(jobId),
  claimSecret: async ({ ticket }) => ({ value: jobs.claimSecret(ticket) }),
  watch: ({ jobId }, { emit, signal }) =>
    new Promise(resolve => {
      // The present state comes first, so that a watcher who comes late misses nothing. Rejects when there is no such job.
      const present = jobId === undefined ? jobs.list(500).filter(job => !isJobOver(job.state)) : [jobs.get(jobId)]
      const stop = jobs.subscribe(job => {
        if (jobId !== undefined && job.id !== jobId) return
        emit(job)
        if (jobId !== undefined && isJobOver(job.state)) end()
      })
      const end = () => {
        stop()
        signal.removeEventListener('abort', end)
        resolve({})
      }
      signal.addEventListener('abort', end)
      for (const job of present) emit(job)
      if (jobId !== undefined && present.every(job => isJobOver(job.state))) end()
    }),
})
