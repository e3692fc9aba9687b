import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { isJobOver } from '#shared/contract/jobs.ts'
import { Restore } from '#shared/contract/restore.model.ts'

/** The clocks of this machine and of the database server may differ by so much. */
const CLOCK_SKEW_MS = 60_000

/**
 * The restore that a job builds: the one it answers with; while it works, the one of the same archive that is being prepared;
 * when it failed, the one it left behind.
 */
export function startedRestore(job: JobSnapshot, restores: readonly Restore[], archive: string): Restore | undefined {
  const result = Restore.safeParse(job.result).data
  if (result !== undefined) return result
  const since = Date.parse(job.createdAt) - CLOCK_SKEW_MS
  return restores.find(
    restore =>
      restore.archive === archive &&
      Date.parse(restore.createdAt) >= since &&
      (isJobOver(job.state)
        ? restore.state === 'failed' || restore.state === 'cancelled'
        : restore.state === 'preparing'),
  )
}

/** What may be at work on a restore in a state. Another restore of the tenant may have jobs of its own. */
const OPERATIONS: Record<Restore['state'], readonly string[]> = {
  preparing: ['backups.prepare'],
  ready: ['backups.recompare', 'backups.restore', 'backups.restoreRows', 'backups.discard'],
  swapping: ['backups.restore', 'backups.undo'],
  done: ['backups.restore', 'backups.undo'],
  undone: ['backups.undo'],
  failed: ['backups.prepare', 'backups.restore', 'backups.discard'],
  cancelled: ['backups.prepare', 'backups.discard'],
  discarded: ['backups.discard'],
}

export const operationsIn = (state: Restore['state']): readonly string[] => OPERATIONS[state]

/** The latest job of these operations that acts on the tenant. */
export function latestJob(
  jobs: readonly JobSnapshot[],
  tenantId: string,
  operations: readonly string[],
): JobSnapshot | undefined {
  return jobs.find(job => job.tenantId === tenantId && operations.includes(job.operation))
}
