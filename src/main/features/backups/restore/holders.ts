import { AppError } from '#shared/errors.ts'
import type { ReadDb, ReadTx } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'

/** A session that uses tables of a schema right now. */
export interface Holder {
  pid: number
  user: string | null
  application: string | null
  client: string | null
  state: string | null
  /** Seconds since its transaction began. */
  transactionSeconds: number | null
}

/** Sessions with locks on tables of the schema, the oldest transaction first; this one is not among them. */
export const readHolders = async (tx: ReadTx<'registry'>, schema: string): Promise<Holder[]> =>
  await tx.rows<Holder>({
    text: `select a.pid, a.usename as user, nullif(a.application_name, '') as application, host(a.client_addr) as client, a.state,
        extract(epoch from clock_timestamp() - a.xact_start)::float8 as "transactionSeconds"
      from pg_stat_activity a
      where a.pid <> pg_backend_pid() and exists (
        select 1 from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
        where l.pid = a.pid and l.granted and l.locktype = 'relation' and n.nspname = $1
          and l.database = (select oid from pg_database where datname = current_database()))
      order by a.xact_start nulls last, a.pid`,
    values: [schema],
  })

/** Runs the work; where it gave up waiting for a lock, its error says who keeps the tables. */
export async function namingHolders<T>(db: ReadDb<'registry'>, schema: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failure = toAppError(error)
    const state: unknown = Reflect.get(Object(failure.details), 'sqlState')
    throw state === '55P03' ? await tablesInUse(db, schema, failure) : error
  }
}

const NAMED = 3

/** Says who kept the tables, as far as they are still there. */
export async function tablesInUse(db: ReadDb<'registry'>, schema: string, cause: AppError): Promise<AppError> {
  const holders = await db.read(tx => readHolders(tx, schema)).catch((): Holder[] => [])
  const names = holders.slice(0, NAMED).map(nameOf).join('; ')
  const who = holders.length === 0 ? 'somebody who has left by now' : names
  return new AppError('TIMEOUT', `The tables of ${schema} are in use by ${who}. Nothing was changed.`, {
    hint: 'Wait for their transactions to end or end them, then try again; or allow more time to wait for locks.',
    retryable: true,
    details: { reason: 'tables-in-use', holders: holders.map(holder => ({ ...holder })) },
    cause: cause.cause,
  })
}

function nameOf({ pid, user, application, client, state, transactionSeconds }: Holder): string {
  const seconds = transactionSeconds === null ? '' : `, for ${Math.round(transactionSeconds)} s`
  return `${application ?? 'a client'} of ${user ?? 'an unknown user'}${client === null ? '' : ` at ${client}`} (process ${pid}, ${state ?? 'unknown'}${seconds})`
}
