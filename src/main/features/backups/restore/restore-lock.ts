import { AppError } from '#shared/errors.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'

/**
 * Session locks of restores, beside the tenant's own: to prepare a restore takes minutes and must not keep others from the tenant.
 * They die with the connection, so a row that says `preparing` without the lock of its side schema belongs to a process that is gone.
 */

/** First key, "TENR": somebody prepares, compares or discards a restore of a tenant. */
const TENANT_CLASS = 0x54_45_4e_52
/** First key, "TENS": somebody builds or removes a schema beside a live one. */
const SCHEMA_CLASS = 0x54_45_4e_53

/** The second key is 32 bits of the tenant's id; a collision of two only makes one be refused for a while. */
const TENANT_KEY = `('x' || left($2::text, 8))::bit(32)::int4`
const SCHEMA_KEY = 'hashtext($2::text)'

/** SQL that is true while somebody works on the schema whose name the expression gives. */
export const isSchemaHeld = (name: string): string => `exists (
  select 1 from pg_locks l
  where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = ${SCHEMA_CLASS}
    and l.objid = (hashtext(${name})::int8 & 4294967295)::oid
    and l.database = (select oid from pg_database where datname = current_database()))`

async function withLock<T>(
  connection: Connection,
  { key, values, refusal }: { key: string; values: [number, string]; refusal: () => Promise<AppError> },
  work: () => Promise<T>,
): Promise<T> {
  const taken = await connection.query<{ ok: boolean }>(`select pg_try_advisory_lock($1, ${key}) as ok`, values)
  if (taken.rows[0]?.ok !== true) throw await refusal()
  try {
    return await work()
  } finally {
    // A connection that broke has lost the lock already.
    await connection.query(`select pg_advisory_unlock($1, ${key})`, values).catch(() => undefined)
  }
}

/** Runs the work as the only one that prepares, compares or discards a restore of this tenant; else rejects with what `refusal` says. */
export const withRestoreLock = <T>(
  connection: Connection,
  { tenantId, refusal }: { tenantId: string; refusal: () => Promise<AppError> },
  work: () => Promise<T>,
): Promise<T> => withLock(connection, { key: TENANT_KEY, values: [TENANT_CLASS, tenantId], refusal }, work)

/** Runs the work as the only one that builds or removes this schema. Rejects with CONFLICT when somebody else does. */
export const withSchemaLock = <T>(connection: Connection, schema: string, work: () => Promise<T>): Promise<T> =>
  withLock(
    connection,
    { key: SCHEMA_KEY, values: [SCHEMA_CLASS, schema], refusal: async () => schemaInUse(schema) },
    work,
  )

const schemaInUse = (schema: string): AppError =>
  new AppError('CONFLICT', `Somebody is working on the schema ${schema} right now.`, {
    hint: 'Look at the running jobs, here and on other consoles; try again when theirs has ended.',
    retryable: true,
  })
