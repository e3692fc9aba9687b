import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { AppError, isAppError } from '#shared/errors.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { MAX_IDENTIFIER_BYTES } from '../../../connections/postgres/identifier.ts'
import { LOCK_CLASS } from '../../../connections/postgres/locks.ts'
import {
  createDatabase,
  type DatabaseLocale,
  databaseExists,
  dropDatabase,
  renameDatabase,
} from './database.repository.ts'
import type { ToolConnection } from './tool-environment.ts'
import { withClient } from './with-client.ts'

/** A database is filled under such a name and gets its own only when it is whole. */
const PREFIX = 'tenantry_restore_'
const SIDE_NAME = /^tenantry_restore_[0-9a-f]{16}$/
/** Milliseconds to remove the files of a large database. */
const DROP_MS = 300_000

/** The session lock that says that somebody still fills the database; it dies with the connection. */
const LOCK_KEY = `('x' || left(right($2::text, 16), 8))::bit(32)::int4`

export interface UnfinishedRestore {
  database: string
  sizeBytes: number
}

/** @throws AppError INVALID_INPUT or CONFLICT when no new database can have this name */
export async function checkNewName(client: pg.Client, own: string, name: string): Promise<void> {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes > MAX_IDENTIFIER_BYTES || name.includes('\0') || SIDE_NAME.test(name)) {
    throw new AppError('INVALID_INPUT', 'This cannot be the name of the new database.', {
      hint: `1 to ${MAX_IDENTIFIER_BYTES} bytes, without zero characters, and not one of the names that unfinished restores have.`,
      details: { fields: { database: `1 to ${MAX_IDENTIFIER_BYTES} bytes` } },
    })
  }
  if (name === own) {
    throw new AppError('CONFLICT', 'A dump is never restored over the database of the environment.', {
      hint: 'Give the new database a name of its own; look at it, then point the environment at it.',
      details: { reason: 'own-database', fields: { database: 'The environment uses this database' } },
    })
  }
  if (await databaseExists(client, name)) throw nameTaken()
}

const nameTaken = (cause?: unknown): AppError =>
  new AppError('CONFLICT', 'A database of this name exists already.', {
    hint: 'A dump is restored into a new database only. Choose another name.',
    details: { reason: 'exists', fields: { database: 'Exists already' } },
    cause,
  })

interface Side {
  connection: ToolConnection
  /** The name it gets when the work has ended well. */
  target: string
  locale: DatabaseLocale
  signal: AbortSignal
}

/**
 * Makes a database, lets the work fill it, and gives it its name. When anything fails or the caller cancels, the database is dropped.
 * The target name never belongs to anything half done, and nothing is ever dropped that has another name than a random one.
 */
export async function withSideDatabase<T>(side: Side, work: (database: string) => Promise<T>): Promise<T> {
  const { connection, target, signal } = side
  const database = `${PREFIX}${randomBytes(8).toString('hex')}`
  return await withClient(connection, signal, async client => {
    await client.query(`select pg_advisory_lock($1, ${LOCK_KEY})`, [LOCK_CLASS, database])
    try {
      await createDatabase(client, database, side.locale).catch(explainCreate)
      const result = await work(database)
      throwIfCancelled(signal)
      // From here on a cancel comes too late: the name is given or it is not.
      await withClient(connection, AbortSignal.timeout(DROP_MS), own => renameDatabase(own, database, target))
      return result
    } catch (error) {
      throw await withoutDatabase(connection, database, explainRename(error))
    }
  })
}

function explainCreate(error: unknown): never {
  const state: unknown = Reflect.get(Object(error), 'code')
  // invalid_parameter_value, wrong_object_type and undefined_object: locales that this server does not have.
  if (state === '22023' || state === '42809' || state === '42704') {
    throw new AppError('UNSUPPORTED', 'This server does not have the locale of the dumped database.', {
      hint: 'Install the locale on the server; with another one text would sort and compare differently.',
      details: { reason: 'locale' },
      cause: error,
    })
  }
  throw error
}

/** Two at the same moment meet in the catalogue's index instead of in the check for the name. */
function explainRename(error: unknown): unknown {
  if (!isAppError(error)) return error
  const { sqlState, constraint } = Object(error.details) as Record<string, unknown>
  const isTaken = sqlState === '42P04' || (sqlState === '23505' && constraint === 'pg_database_datname_index')
  return isTaken ? nameTaken(error) : error
}

/** Drops it also after a cancel. The error to throw: with a word on what could not be removed. */
async function withoutDatabase(connection: ToolConnection, database: string, error: unknown): Promise<unknown> {
  try {
    await withClient(connection, AbortSignal.timeout(DROP_MS), client => dropDatabase(client, database))
    return error
  } catch (cause) {
    const known = isAppError(error) ? error : new AppError('INTERNAL', 'The restore failed.', { cause: error })
    const { code, message, retryable, id } = known
    const rest = `The unfinished database ${database} could not be removed; remove it when the server is up.`
    return new AppError(code, message, {
      hint: known.hint === undefined ? rest : `${known.hint} ${rest}`,
      details: { leftover: database, ...(Object(known.details) as object) },
      retryable,
      id,
      cause: known.cause ?? cause,
    })
  }
}

/** Databases of restores whose console is gone. */
export async function unfinishedRestores(client: pg.Client): Promise<UnfinishedRestore[]> {
  const found = await client.query<{ name: string; size: string }>(
    `select datname as name, pg_database_size(oid)::text as size from pg_database d
      where datname ~ '^${PREFIX}[0-9a-f]{16}$' and not exists (
        select 1 from pg_locks l where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = $1
          and l.objid = ((('x' || left(right(d.datname, 16), 8))::bit(32)::int8)::oid))
      order by datname`,
    [LOCK_CLASS],
  )
  return found.rows.map(({ name, size }) => ({ database: name, sizeBytes: Number(size) }))
}

/** @throws AppError INVALID_INPUT for any other name, CONFLICT while somebody fills it */
export async function removeUnfinishedRestore(client: pg.Client, name: string): Promise<void> {
  if (!SIDE_NAME.test(name)) {
    throw new AppError('INVALID_INPUT', 'This is not the database of an unfinished restore.', {
      hint: 'Choose one from the list.',
    })
  }
  const taken = await client.query<{ ok: boolean }>(`select pg_try_advisory_lock($1, ${LOCK_KEY}) as ok`, [
    LOCK_CLASS,
    name,
  ])
  if (taken.rows[0]?.ok !== true) {
    throw new AppError('CONFLICT', 'This restore is still running.', {
      hint: 'Cancel its job instead.',
      retryable: true,
    })
  }
  await dropDatabase(client, name)
}
