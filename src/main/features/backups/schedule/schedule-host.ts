import { hostname } from 'node:os'
import { setTimeout as after } from 'node:timers/promises'
import type { HostName } from '#shared/contract/app.ts'
import type { JobName } from '#shared/contract/index.ts'
import { type EnvironmentId, newId } from '#shared/ids.ts'
import type { Role } from '#shared/permissions.ts'
import type { Connections } from '../../../connections/connections.ts'
import { openWriteDb } from '../../../connections/postgres/database.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { LocalClient } from '../../../kernel/local-client.ts'
import type { EnvironmentService } from '../../environments/environment.service.ts'
import type { Clock, FailureNotice, ScheduleEvent } from './schedule-runner.model.ts'
import { ScheduleRunner } from './schedule-runner.ts'

export type { FailureNotice, ScheduleEvent }

export interface ScheduleHostDependencies {
  connections: Pick<Connections, 'postgres'>
  environments: Pick<EnvironmentService, 'find'>
  kernel: Kernel
}

export interface ScheduleRun {
  environmentId: EnvironmentId
  host: HostName
  /** The person whose process it is; shown to the others who wait. */
  user: string
  /** The strongest role that its jobs have; the environment's own may be weaker. */
  maximumRole: Role
  signal: AbortSignal
  onEvent(event: ScheduleEvent): void
  onFailure(notice: FailureNotice): void
}

/** Who started a scheduled job, in the list of jobs and in every audit. */
export const SCHEDULE_USER = 'schedule'

/** What a host needs to run the schedules of an environment while it is up. */
export class ScheduleHost {
  private readonly deps: ScheduleHostDependencies

  constructor(dependencies: ScheduleHostDependencies) {
    this.deps = dependencies
  }

  /** Runs them until the signal aborts; jobs that run then are cancelled, and waited for. */
  async run(run: ScheduleRun): Promise<void> {
    const { connections, environments, kernel } = this.deps
    const { environmentId, host, maximumRole, signal } = run
    const client = new LocalClient(kernel, { id: newId(), user: SCHEDULE_USER, host, maximumRole })
    const environment = () => environments.find(environmentId)
    const pool = async () => connections.postgres(await environment())
    const runner = new ScheduleRunner({
      environment,
      registry: async ownSignal => {
        const schema = (await environment()).stores.postgres?.registrySchema ?? 'public'
        return openWriteDb({ pool, space: 'registry', schema, signal: ownSignal })
      },
      connect: async () => (await pool()).connectApart(),
      runJob: (job, ownSignal) => client.runJob(job.operation as JobName, job.input as never, { signal: ownSignal }),
      name: { host, who: `${run.user}@${hostname()}` },
      clock: SYSTEM_CLOCK,
      onEvent: run.onEvent,
      onFailure: run.onFailure,
    })
    try {
      await runner.run(signal)
    } finally {
      client.close()
    }
  }
}

export const SYSTEM_CLOCK: Clock = {
  now: () => new Date(),
  sleep: (milliseconds, signal) => after(milliseconds, undefined, { signal }).catch(() => undefined),
}
