import { operations } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { shortJobTitle } from '../../lib/summary.ts'

/** What a job does and to whom, in few words. */
export const titleOf = (job: JobSnapshot): string => shortJobTitle(job.title, operations.get(job.operation)?.summary)
