import { AppError } from '#shared/errors.ts'
import { LOCK_CLASS } from '../../connections/postgres/locks.ts'
import type { Connection } from '../../connections/postgres/pool.ts'

/**
 * Whoever builds, swaps or removes a tenant holds a session lock on it. The lock dies with the connection, so a row that says
 * `provisioning` without a lock belongs to a process that is gone: the list shows it as failed, with no clean-up run needed.
 */

/** The second lock key of a tenant: the first 32 bits of its id. A collision of two ids only makes one wait. */
const LOCK_KEY = `('x' || left($2::text, 8))::bit(32)::int4`

/** SQL that is true while somebody builds, swaps or removes tenant `t`. */
export const IS_LOCKED = isLocked('true')

/**
 * As `IS_LOCKED`, but by another session: whoever has taken the lock over finds what a process that is gone was doing, as everybody did
 * before.
 */
export const IS_LOCKED_BY_OTHERS = isLocked('l.pid <> pg_backend_pid()')

function isLocked(by: string): string {
  return `exists (
    select 1 from pg_locks l
    where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = ${LOCK_CLASS}
      and l.objid = (('x' || left(t.id::text, 8))::bit(32)::int8)::oid
      and l.database = (select oid from pg_database where datname = current_database()) and ${by})`
}

/** SQL: the status that people see of tenant `t`. A restore that died before or after its swap left the tenant whole. */
export const EFFECTIVE_STATUS = `case when t.status = 'provisioning' and not ${IS_LOCKED} then 'failed'
  when t.status = 'restoring' and not ${IS_LOCKED_BY_OTHERS} then t.status_before else t.status end`

/** Runs the work while holding the tenant's lock on this connection. Rejects with CONFLICT when somebody else holds it. */
export async function withTenantLock<T>(connection: Connection, tenantId: string, work: () => Promise<T>): Promise<T> {
  const values = [LOCK_CLASS, tenantId]
  const taken = await connection.query<{ ok: boolean }>(`select pg_try_advisory_lock($1, ${LOCK_KEY}) as ok`, values)
  if (taken.rows[0]?.ok !== true) {
    throw new AppError('CONFLICT', 'Somebody is building, restoring or removing this tenant right now.', {
      hint: 'Look at the running jobs, here and on other consoles; try again when theirs has ended.',
      retryable: true,
    })
  }
  try {
    return await work()
  } finally {
    // A connection that broke has lost the lock already.
    await connection.query(`select pg_advisory_unlock($1, ${LOCK_KEY})`, values).catch(() => undefined)
  }
}
