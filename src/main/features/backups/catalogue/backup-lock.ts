import { AppError } from '#shared/errors.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'

/** "TENB": the lock on the backups of a tenant, beside "TENA" on the tenant itself; a tenant may be backed up while it is changed. */
export const BACKUP_LOCK_CLASS = 0x54_45_4e_42

/** The second key, from the tenant's id in `$2`: its first 32 bits. */
const LOCK_KEY = `('x' || left($2::text, 8))::bit(32)::int4`

/** SQL that is true while somebody writes or deletes archives of tenant `t`. */
const IS_LOCKED = `exists (
  select 1 from pg_locks l
  where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = ${BACKUP_LOCK_CLASS}
    and l.objid = (('x' || left(t.id::text, 8))::bit(32)::int8)::oid
    and l.database = (select oid from pg_database where datname = current_database()))`

/** Runs the work while nobody else writes or deletes archives of the tenant. Rejects with CONFLICT when somebody does. */
export async function withBackupLock<T>(connection: Connection, tenantId: string, work: () => Promise<T>): Promise<T> {
  const values = [BACKUP_LOCK_CLASS, tenantId]
  const taken = await connection.query<{ ok: boolean }>(`select pg_try_advisory_lock($1, ${LOCK_KEY}) as ok`, values)
  if (taken.rows[0]?.ok !== true) {
    throw new AppError('CONFLICT', 'Somebody is writing or deleting backups of this tenant right now.', {
      hint: 'Look at the running jobs, here and on other consoles; try again when theirs has ended.',
      retryable: true,
      details: { reason: 'backup-running' },
    })
  }
  try {
    return await work()
  } finally {
    // A connection that broke has lost the lock already.
    await connection.query(`select pg_advisory_unlock($1, ${LOCK_KEY})`, values).catch(() => undefined)
  }
}

export async function isBackupRunning(tx: ReadTx<'registry'>, tenantId: string): Promise<boolean> {
  const found = await tx.row<{ locked: boolean }>({
    text: `select ${IS_LOCKED} as locked from (select $1::uuid as id) t`,
    values: [tenantId],
  })
  return found?.locked === true
}

export interface SchemaOwner {
  tenantId: string
  slug: string
  databaseSchema: string
  isBackupRunning: boolean
}

/** Every tenant of the registry, with whether its backups are being written now: one query for all. */
export const schemaOwners = async (tx: ReadTx<'registry'>): Promise<SchemaOwner[]> =>
  await tx.rows<SchemaOwner>({
    text: `select t.id as "tenantId", t.slug, t.database_schema as "databaseSchema", ${IS_LOCKED} as "isBackupRunning"
      from tenants t`,
  })
