import type { ReadTx } from '../../../connections/postgres/database.ts'
import { BACKUP_LOCK_CLASS } from '../../../connections/postgres/locks.ts'

/** SQL that is true while somebody holds the lock on the backups of tenant `t`. */
const IS_LOCKED = `exists (
  select 1 from pg_locks l
  where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = ${BACKUP_LOCK_CLASS}
    and l.objid = (('x' || left(t.id::text, 8))::bit(32)::int8)::oid
    and l.database = (select oid from pg_database where datname = current_database()))`

export async function isBackupRunning(tx: ReadTx<'registry'>, tenantId: string): Promise<boolean> {
  const found = await tx.row<{ locked: boolean }>({
    text: `select ${IS_LOCKED} as locked from (select $1::uuid as id) t`,
    values: [tenantId],
  })
  return found?.locked === true
}

export interface SchemaOwner {
  id: string
  slug: string
  databaseSchema: string
  isBackupRunning: boolean
}

/** Every tenant of the registry, with whether its backups are being written now: one query for all. */
export const schemaOwners = async (tx: ReadTx<'registry'>): Promise<SchemaOwner[]> =>
  await tx.rows<SchemaOwner>({
    text: `select t.id, t.slug, t.database_schema as "databaseSchema", ${IS_LOCKED} as "isBackupRunning" from tenants t`,
  })
