import { AppError, isAppError } from '#shared/errors.ts'
import type { ToolConnection } from './tool-environment.ts'
import { LOCK_TABLE_FULL } from './tool-failure.ts'
import { CLEANUP_MS, withClient } from './with-client.ts'

/** Sessions named in one message. */
const NAMED = 5

interface Holder {
  pid: number
  user: string
  application: string
  table: string
}

/** Only an ACCESS EXCLUSIVE lock, held or waited for, keeps a reader out. */
const HOLDERS = `
  select distinct on (a.pid) a.pid, a.usename::text as user, a.application_name as application, l.relation::regclass::text as table
  from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and a.pid <> pg_backend_pid()
    and l.database = (select oid from pg_database where datname = current_database())
  order by a.pid limit ${NAMED}`

/**
 * What locks had to do with the failure of a dump, whichever of its two connections met it first: a table that somebody holds is named
 * with its holder, as far as they still hold it. Other errors stay as they are.
 */
export async function explainLocks(connection: ToolConnection, error: unknown): Promise<unknown> {
  if (!isAppError(error)) return error
  const { sqlState, reason } = Object(error.details) as Record<string, unknown>
  if (sqlState === '53200') return lockTableFull(error)
  return sqlState === '55P03' || reason === 'lock' ? await namingHolders(connection, error) : error
}

const lockTableFull = ({ id, cause }: AppError): AppError =>
  new AppError('CONNECTION_FAILED', LOCK_TABLE_FULL.message, {
    hint: LOCK_TABLE_FULL.hint,
    details: { reason: LOCK_TABLE_FULL.reason },
    id,
    cause,
  })

async function namingHolders(connection: ToolConnection, error: AppError): Promise<AppError> {
  const holders = await withClient(connection, AbortSignal.timeout(CLEANUP_MS), async client => {
    return (await client.query<Holder>(HOLDERS)).rows
  }).catch(() => [])
  const names = holders.map(
    ({ pid, user, application, table }) => `${user} (${application || 'no name'}, process ${pid}) on ${table}`,
  )
  const who = names.length === 0 ? 'Another session' : `Another session, ${names.join('; ')},`
  return new AppError('TIMEOUT', `${who} holds a lock that keeps the dump from reading.`, {
    hint: 'Try again when its migration or maintenance has ended.',
    retryable: true,
    details: { reason: 'lock', holders: holders.map(holder => ({ ...holder })) },
    id: error.id,
    cause: error.cause,
  })
}
