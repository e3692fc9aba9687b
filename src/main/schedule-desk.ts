import { setTimeout as after } from 'node:timers/promises'
import type { HostName } from '#shared/contract/app.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { EnvironmentId } from '#shared/ids.ts'
import { hasRole, type Role, weakerRole } from '#shared/permissions.ts'
import type { FailureNotice, ScheduleHost } from './features/backups/schedule/schedule-host.ts'
import type { EnvironmentService } from './features/environments/environment.service.ts'

/** A host shows its page first; what is due a moment later is still on time. */
const FIRST_LOOK_MS = 5_000
/** How often new, changed and deleted environments are noticed. */
const LOOK_MS = 30_000

export interface ScheduleDeskDependencies {
  environments: Pick<EnvironmentService, 'list'>
  schedules: Pick<ScheduleHost, 'run'>
}

export interface ScheduleDeskRun {
  host: HostName
  user: string
  maximumRole: Role
  onFailure(notice: FailureNotice): void
  signal: AbortSignal
  firstLookMs?: number
  lookMs?: number
}

/** A schedule backs up, restores drills and deletes old archives: as much as an operator may. */
const mayRun = (environment: Environment, maximumRole: Role): boolean =>
  environment.stores.postgres !== undefined &&
  environment.stores.backup !== undefined &&
  hasRole(weakerRole(maximumRole, environment.role), 'operator')

/**
 * Runs the schedules of every environment with a backup store while a host with a window or pages is up. Of several hosts one works for
 * an environment and the others wait. Resolves when the signal has aborted and all that ran has ended.
 */
export async function runSchedules(
  { environments, schedules }: ScheduleDeskDependencies,
  run: ScheduleDeskRun,
): Promise<void> {
  const { host, user, maximumRole, onFailure, signal } = run
  const running = new Map<EnvironmentId, { stop: AbortController; ended: Promise<void> }>()
  const start = (id: EnvironmentId) => {
    const stop = new AbortController()
    const ended = schedules
      .run({
        environmentId: id,
        host,
        user,
        maximumRole,
        signal: AbortSignal.any([signal, stop.signal]),
        onEvent: () => undefined,
        onFailure,
      })
      // An environment that cannot be reached is looked at again; its page says what is wrong with it.
      .catch(() => undefined)
      .finally(() => running.delete(id))
    running.set(id, { stop, ended })
  }
  let wait = run.firstLookMs ?? FIRST_LOOK_MS
  while (!signal.aborted) {
    await after(wait, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) break
    wait = run.lookMs ?? LOOK_MS
    const found = await environments.list().catch(() => undefined)
    if (found === undefined) continue
    const wanted = new Set(found.filter(environment => mayRun(environment, maximumRole)).map(({ id }) => id))
    for (const id of wanted) if (!running.has(id)) start(id)
    for (const [id, { stop }] of running) if (!wanted.has(id)) stop.abort()
  }
  await Promise.all([...running.values()].map(({ ended }) => ended))
}
