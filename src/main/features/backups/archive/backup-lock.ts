import { AppError } from '#shared/errors.ts'
import { BACKUP_LOCK_CLASS } from '../../../connections/postgres/locks.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'

/** The second key: the first 32 bits of the tenant's id, as with the tenant's own lock. */
const KEY = `('x' || left($2::text, 8))::bit(32)::int4`

/**
 * Runs the work while holding the lock "backups of this tenant" on this connection. Rejects with CONFLICT, naming who holds it, when
 * somebody else does.
 */
export async function withBackupLock<T>(
  connection: Connection,
  tenant: { id: string; slug: string },
  work: () => Promise<T>,
): Promise<T> {
  const values = [BACKUP_LOCK_CLASS, tenant.id]
  const taken = await connection.query<{ ok: boolean }>(`select pg_try_advisory_lock($1, ${KEY}) as ok`, values)
  if (taken.rows[0]?.ok !== true) throw await heldBy(connection, tenant)
  try {
    return await work()
  } finally {
    // A connection that broke has lost the lock already.
    await connection.query(`select pg_advisory_unlock($1, ${KEY})`, values).catch(() => undefined)
  }
}

async function heldBy(connection: Connection, tenant: { id: string; slug: string }): Promise<AppError> {
  const found = await connection.query<{ who: string; address: string | null; pid: number; since: string }>(
    `select coalesce(a.usename, '?') as who, host(a.client_addr) as address, l.pid, a.backend_start as since
     from pg_locks l left join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = $1
       and l.objid = (('x' || left($2::text, 8))::bit(32)::int8)::oid
       and l.database = (select oid from pg_database where datname = current_database())`,
    [BACKUP_LOCK_CLASS, tenant.id],
  )
  const holder = found.rows[0]
  const by =
    holder === undefined
      ? 'somebody else'
      : `${holder.who} (process ${holder.pid} from ${holder.address ?? 'this machine'})`
  return new AppError('CONFLICT', `A backup of ${tenant.slug} is being written by ${by}.`, {
    hint: 'Look at the running jobs, here and on other consoles; try again when theirs has ended.',
    retryable: true,
    details: { reason: 'backup-running' },
  })
}
