import { useMemo } from 'react'
import type { z } from 'zod'
import { contracts } from '#shared/contract/index.ts'
import { isJobOver } from '#shared/contract/jobs.ts'
import type { Restore, SwapReport } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useJobStore } from '../../../app/jobs/job-store.ts'
import { useOperation } from '../../../client/hooks.ts'
import { latestJob, operationsIn } from './find-restore.ts'
import { isMoving } from './restore-steps.ts'

/** While writers are held off every second counts. */
const POLL_MS = 1_000
const Report = contracts.backups.restore.output

/** A restore and what it waits for, as the server has it; read again and again while it moves by itself. */
export function useRestoreState(tenantId: string, restoreId: string) {
  const environment = useEnvironment()
  const state = useOperation(
    'backups.restoreState',
    { environmentId: environment.id, tenantId, restoreId },
    {
      staleTime: 0,
      // It may be another console that moves it, whose jobs are not known here.
      pollMs: answer =>
        answer !== undefined && (isMoving(answer.restore) || isAtWork(answer.restore)) ? POLL_MS : false,
    },
  )
  const now = state.data?.restore.state
  const job = useJobStore(({ jobs }) => (now === undefined ? undefined : latestJob(jobs, tenantId, operationsIn(now))))
  return { state, job }
}

/** Whether this console works on it. */
function isAtWork({ tenantId, state }: Restore): boolean {
  const job = latestJob(useJobStore.getState().jobs, tenantId, operationsIn(state))
  return job !== undefined && !isJobOver(job.state)
}

/** What the swap of a restore took, where this console did it. */
export function useSwapReport(restore: Restore): z.infer<typeof SwapReport> | undefined {
  const jobs = useJobStore(state => state.jobs)
  return useMemo(() => {
    const swaps = jobs.filter(job => job.tenantId === restore.tenantId && job.operation === 'backups.restore')
    const reports = swaps.map(job => Report.safeParse(job.result).data)
    return reports.find(report => report?.restore.id === restore.id)
  }, [jobs, restore.tenantId, restore.id])
}
