import type { ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import type { ScheduleKind, ScheduleOptions } from './schedule-kinds.ts'

export interface ScheduleRow {
  kind: ScheduleKind
  cron: string
  isEnabled: boolean
  options: ScheduleOptions
  lastRunAt: string | null
  /** Null while it runs, or since its console died. */
  lastOutcome: 'done' | 'failed' | null
  lastProblem: string | null
  nextRunAt: string | null
  missedRuns: number
  missedSince: string | null
  updatedBy: string
}

const COLUMNS = `kind, cron, is_enabled as "isEnabled", options, last_run_at as "lastRunAt", last_outcome as "lastOutcome",
  last_error ->> 'message' as "lastProblem", next_run_at as "nextRunAt", missed_runs as "missedRuns",
  missed_since as "missedSince", updated_by as "updatedBy"`

export const readSchedules = async (tx: ReadTx<'registry'>): Promise<ScheduleRow[]> =>
  await tx.rows<ScheduleRow>({ text: `select ${COLUMNS} from backup_schedules` })

export interface NewSchedule {
  kind: ScheduleKind
  cron: string
  isEnabled: boolean
  options: ScheduleOptions
  nextRunAt: Date | null
  who: string
}

/** Adds those that are not there yet. */
export async function addMissing(tx: WriteTx<'registry'>, schedules: readonly NewSchedule[]): Promise<void> {
  for (const schedule of schedules) {
    await tx.run({
      text: `insert into backup_schedules (kind, cron, is_enabled, options, next_run_at, updated_by)
        values ($1, $2, $3, $4, $5, $6) on conflict (kind) do nothing`,
      values: valuesOf(schedule),
    })
  }
}

/** What was missed under the old times is over with them. */
export async function putSchedule(tx: WriteTx<'registry'>, schedule: NewSchedule): Promise<void> {
  await tx.run({
    text: `insert into backup_schedules (kind, cron, is_enabled, options, next_run_at, updated_by)
      values ($1, $2, $3, $4, $5, $6)
      on conflict (kind) do update set cron = excluded.cron, is_enabled = excluded.is_enabled, options = excluded.options,
        next_run_at = excluded.next_run_at, updated_by = excluded.updated_by, updated_at = now(),
        missed_runs = case when (backup_schedules.cron, backup_schedules.is_enabled) = (excluded.cron, excluded.is_enabled)
          then backup_schedules.missed_runs else 0 end,
        missed_since = case when (backup_schedules.cron, backup_schedules.is_enabled) = (excluded.cron, excluded.is_enabled)
          then backup_schedules.missed_since end`,
    values: valuesOf(schedule),
  })
}

const valuesOf = ({ kind, cron, isEnabled, options, nextRunAt, who }: NewSchedule): unknown[] => [
  kind,
  cron,
  isEnabled,
  JSON.stringify(options),
  nextRunAt?.toISOString() ?? null,
  who,
]

export async function planNextRun(tx: WriteTx<'registry'>, kind: ScheduleKind, nextRunAt: Date | null): Promise<void> {
  await tx.run({
    text: 'update backup_schedules set next_run_at = $2 where kind = $1 and next_run_at is null',
    values: [kind, nextRunAt?.toISOString() ?? null],
  })
}

export interface RunEnd {
  kind: ScheduleKind
  startedAt: Date
  problem: string | null
  /** It began at its time, so what was missed before it is made good. */
  wasOnTime: boolean
}

/** Writes the end of the run that began then; a later run's row is left alone. */
export async function finishRun(
  tx: WriteTx<'registry'>,
  { kind, startedAt, problem, wasOnTime }: RunEnd,
): Promise<void> {
  const isGood = wasOnTime && problem === null
  await tx.run({
    text: `update backup_schedules set last_outcome = $3, last_error = $4,
        missed_runs = case when $5 then 0 else missed_runs end, missed_since = case when $5 then null else missed_since end
      where kind = $1 and last_run_at = $2`,
    values: [
      kind,
      startedAt.toISOString(),
      problem === null ? 'done' : 'failed',
      problem === null ? null : JSON.stringify({ message: problem }),
      isGood,
    ],
  })
}
