import type { Environment } from '#shared/contract/environment.model.ts'
import { SCHEDULE_KINDS, type Schedule } from '#shared/contract/schedules.ts'
import type { ReadDb, WriteDb } from '../../../connections/postgres/database.ts'
import { requireRegistry } from '../../migrations/migration.service.ts'
import { parseCron } from './cron.ts'
import * as repository from './schedule.repository.ts'
import { checkOptions, KINDS, type ScheduleKind, type ScheduleOptions } from './schedule-kinds.ts'
import { currentRunner, type RunnerInfo } from './schedule-lock.ts'

/** A run that begins within this of its time is on time: the runner looks twice a minute. */
export const GRACE_MS = 2 * 60_000

export interface ScheduleChange {
  kind: ScheduleKind
  cron?: string | undefined
  isEnabled?: boolean | undefined
  options?: ScheduleOptions | undefined
}

/** What runs by itself, and when. */
export class ScheduleService {
  private readonly now: () => Date

  constructor(now: () => Date = () => new Date()) {
    this.now = now
  }

  /** All kinds, those that nobody has set yet with their defaults. */
  async list(
    registry: ReadDb<'registry'>,
    environment: Environment,
  ): Promise<{ items: Schedule[]; runner: RunnerInfo | null }> {
    return await registry.read(async tx => {
      await requireRegistry(tx)
      const rows = await repository.readSchedules(tx)
      const items = SCHEDULE_KINDS.map(kind => {
        const row = rows.find(candidate => candidate.kind === kind)
        return describe(row ?? defaultRow(kind, environment, this.now()), this.now())
      })
      return { items, runner: await currentRunner(tx) }
    })
  }

  /** Times that change begin anew: what was missed under the old ones is forgotten. */
  async set(
    target: { registry: WriteDb; environment: Environment; who: string },
    change: ScheduleChange,
  ): Promise<Schedule> {
    const { kind } = change
    const now = this.now()
    const times = change.cron === undefined ? undefined : parseCron(change.cron)
    if (change.options !== undefined) checkOptions(kind, change.options)
    return await target.registry.write(async tx => {
      await requireRegistry(tx)
      const rows = await repository.readSchedules(tx)
      const before = rows.find(row => row.kind === kind) ?? defaultRow(kind, target.environment, now)
      const cron = change.cron?.trim() ?? before.cron
      const isEnabled = change.isEnabled ?? before.isEnabled
      const isSameTime = cron === before.cron && isEnabled === before.isEnabled && before.nextRunAt !== null
      const next = isEnabled ? (times ?? parseCron(cron)).next(now) : null
      await repository.putSchedule(tx, {
        kind,
        cron,
        isEnabled,
        options: optionsOf(before.options, change.options, kind),
        nextRunAt: isSameTime && before.nextRunAt !== null ? new Date(before.nextRunAt) : next,
        who: target.who,
      })
      const row = (await repository.readSchedules(tx)).find(candidate => candidate.kind === kind)
      return describe(row ?? before, now)
    })
  }
}

/** The rules of retention rest in the clean-up's options: who says nothing of them keeps them. */
function optionsOf(before: ScheduleOptions, given: ScheduleOptions | undefined, kind: ScheduleKind): ScheduleOptions {
  if (given === undefined) return before
  const { policy } = before
  return kind === 'cleanup' && policy !== undefined ? { policy, ...given } : given
}

/** Backing up all tenants is on from the beginning where there is a store to keep them; the rest is for a person to switch on. */
export function defaultRow(
  kind: ScheduleKind,
  environment: Pick<Environment, 'stores'>,
  now: Date,
): repository.ScheduleRow {
  const { cron } = KINDS[kind]
  const isEnabled = kind === 'fleet' && environment.stores.backup !== undefined
  return {
    kind,
    cron,
    isEnabled,
    options: {},
    lastRunAt: null,
    lastOutcome: null,
    lastProblem: null,
    nextRunAt: isEnabled ? (parseCron(cron).next(now)?.toISOString() ?? null) : null,
    missedRuns: 0,
    missedSince: null,
    updatedBy: 'default',
  }
}

/** Runs whose time has passed by now and that nobody has taken are missed, also before a runner comes and counts them. */
function describe(row: repository.ScheduleRow, now: Date): Schedule {
  const passed = missedBy(row, now)
  const missedSince = row.missedSince ?? (passed === 0 ? null : row.nextRunAt)
  const next = row.nextRunAt === null ? null : new Date(row.nextRunAt)
  const upcoming = next !== null && next <= now && passed > 0 ? parseCron(row.cron).next(now) : next
  return {
    kind: row.kind,
    cron: row.cron,
    isEnabled: row.isEnabled,
    options: row.options,
    nextRunAt: upcoming?.toISOString() ?? null,
    lastRunAt: row.lastRunAt === null ? null : new Date(row.lastRunAt).toISOString(),
    lastOutcome: row.lastOutcome,
    lastProblem: row.lastProblem,
    missedRuns: row.missedRuns + passed,
    missedSince: missedSince === null ? null : new Date(missedSince).toISOString(),
  }
}

const missedBy = ({ isEnabled, nextRunAt, cron }: repository.ScheduleRow, now: Date): number =>
  isEnabled && nextRunAt !== null
    ? parseCron(cron).between(new Date(nextRunAt), new Date(now.getTime() - GRACE_MS)).runs
    : 0
