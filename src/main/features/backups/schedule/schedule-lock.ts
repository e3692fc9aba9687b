import type pg from 'pg'
import { within } from '../../../connections/deadline.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import { quoteQualified } from '../../../connections/postgres/identifier.ts'
import { SCHEDULE_LOCK_CLASS } from '../../../connections/postgres/locks.ts'
import type { ScheduleKind } from './schedule-kinds.ts'

/** Milliseconds for a statement on the lock's connection: one that hangs longer is taken for lost. */
const ANSWER_MS = 15_000
/** PostgreSQL cuts longer names of applications. */
const NAME_BYTES = 63
const NAME = /^tenantry schedule (\S+) (.+)$/

/** Who runs schedules, as others see it on the server. */
export interface RunnerName {
  /** `desktop`, `web` or `cli`. */
  host: string
  /** Person and machine. */
  who: string
}

export interface Claim {
  kind: ScheduleKind
  /** As it was read: who changed the schedule, or took the run, meanwhile has changed it. */
  plannedAt: string
  startedAt: Date
  nextRunAt: Date | null
  missed: { runs: number; since: Date | null }
}

/**
 * Held by the one process that runs the schedules of a registry. It is a session lock on a connection of its own, so it ends with the
 * process, and every run is claimed on that same connection: who has lost the lock can claim nothing.
 */
export class ScheduleLock {
  private readonly client: pg.Client
  private readonly schema: string

  private constructor(client: pg.Client, schema: string) {
    this.client = client
    this.schema = schema
  }

  /** Undefined while somebody else holds it. */
  static async tryTake(client: pg.Client, schema: string, name: RunnerName): Promise<ScheduleLock | undefined> {
    try {
      const text = `tenantry schedule ${name.host} ${name.who}`
      await client.query(`select set_config('application_name', $1, false)`, [cut(text)])
      const taken = await client.query<{ ok: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as ok', [
        SCHEDULE_LOCK_CLASS,
        schema,
      ])
      if (taken.rows[0]?.ok === true) return new ScheduleLock(client, schema)
      await client.end()
      return undefined
    } catch (error) {
      await client.end().catch(() => undefined)
      throw toAppError(error)
    }
  }

  /** Rejects when the connection, and the lock with it, is lost. */
  async check(signal: AbortSignal): Promise<void> {
    await this.query(signal, 'select 1', [])
  }

  /** Takes one run; false when it is no longer there to be taken. */
  async claim(claim: Claim, signal: AbortSignal): Promise<boolean> {
    const { kind, plannedAt, startedAt, nextRunAt, missed } = claim
    const changed = await this.query(
      signal,
      `update ${quoteQualified(this.schema, 'backup_schedules')} set last_run_at = $3, last_outcome = null, last_error = null,
         next_run_at = $4, missed_runs = missed_runs + $5,
         missed_since = case when $5 > 0 then coalesce(missed_since, $6) else missed_since end
       where kind = $1 and is_enabled and next_run_at = $2`,
      [
        kind,
        plannedAt,
        startedAt.toISOString(),
        nextRunAt?.toISOString() ?? null,
        missed.runs,
        missed.since?.toISOString() ?? null,
      ],
    )
    return changed === 1
  }

  async release(): Promise<void> {
    await this.client.end().catch(() => undefined)
  }

  /** Resolves to the rows that were changed. */
  private async query(signal: AbortSignal, text: string, values: unknown[]): Promise<number> {
    const limit = {
      signal,
      milliseconds: ANSWER_MS,
      message: 'The connection that holds the schedules does not answer.',
    }
    try {
      return await within(limit, async () => (await this.client.query(text, values)).rowCount ?? 0)
    } catch (error) {
      throw toAppError(error)
    }
  }
}

/** Whole characters only. */
function cut(text: string): string {
  let kept = text
  while (Buffer.byteLength(kept) > NAME_BYTES) kept = [...kept].slice(0, -1).join('')
  return kept
}

export interface RunnerInfo {
  who: string
  since: string
  application: string
}

/** Who holds the lock now; null when nobody does. */
export async function currentRunner(tx: ReadTx<'registry'>): Promise<RunnerInfo | null> {
  const found = await tx.row<{ name: string | null; since: string | null; user: string | null }>({
    text: `select a.application_name as name, a.backend_start as since, a.usename as user
      from pg_locks l left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = $1
        and l.objid = (hashtext($2)::int8 & 4294967295)::oid
        and l.database = (select oid from pg_database where datname = current_database())`,
    values: [SCHEDULE_LOCK_CLASS, tx.schema],
  })
  if (found === undefined) return null
  const [, host, who] = NAME.exec(found.name ?? '') ?? []
  // Another database user's sessions show their beginning only to those who may see statistics.
  const since = new Date(found.since ?? Date.now()).toISOString()
  return { who: who ?? found.user ?? 'unknown', since, application: host ?? found.name ?? 'unknown' }
}
