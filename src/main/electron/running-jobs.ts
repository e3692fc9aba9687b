import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import type { JobManager } from '../kernel/jobs.ts'
import type { Notifications } from '../native.ts'

/** The jobs of this process that are under way; their ends are told outside of the window. */
export class RunningJobs {
  private readonly titles = new Map<string, string>()

  constructor(jobs: Pick<JobManager, 'subscribe'>, notifications: Notifications) {
    jobs.subscribe(job => {
      if (!isJobOver(job.state)) this.titles.set(job.id, job.title)
      else if (this.titles.delete(job.id)) notifications.show({ title: endOf(job), body: job.title })
    })
  }

  /** What is being done, for a question before it is stopped. */
  list(): string[] {
    return [...this.titles.values()]
  }
}

function endOf({ state }: JobSnapshot): string {
  if (state === 'succeeded') return 'Done'
  return state === 'cancelled' ? 'Cancelled' : 'Failed'
}
