import { setTimeout } from 'node:timers/promises'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import type { DbSession, ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier } from '../../../connections/postgres/identifier.ts'
import * as repository from './restore.repository.ts'
import type { Work } from './swap.ts'

/** Removing a schema waits this long for others to leave it: statements of this restore that are being cancelled, or a person's psql. */
export const DROP_LOCK_TIMEOUT_MS = 10_000
const SETTLE_LIMIT_MS = 120_000

/** Rejects with NOT_FOUND or CONFLICT when the tenant is not there any more as it was. */
export async function requireTenant(tx: ReadTx<'registry'>, { id, slug, databaseSchema }: TenantRow): Promise<void> {
  const found = await tx.row<{ isSame: boolean; hasSchema: boolean }>({
    text: `select t.slug = $2 and t.database_schema = $3 as "isSame",
        exists (select from pg_namespace n where n.nspname = t.database_schema) as "hasSchema"
      from tenants t where t.id = $1::uuid`,
    values: [id, slug, databaseSchema],
  })
  if (found === undefined) {
    throw new AppError('NOT_FOUND', `The tenant ${slug} was deleted meanwhile.`, {
      hint: 'Restore the archive as a new tenant instead.',
      details: { reason: 'tenant-gone' },
    })
  }
  if (found.isSame && found.hasSchema) return
  const what = found.isSame ? `has no schema ${databaseSchema} any more` : 'was renamed meanwhile'
  throw new AppError('CONFLICT', `The tenant ${slug} ${what}.`, {
    hint: 'Look at the tenant, then start over.',
    details: { reason: 'tenant-changed' },
  })
}

/** Says who holds the lock of a tenant's restores. */
export async function restoreRunning(session: DbSession<'registry'>, tenantId: string): Promise<AppError> {
  const open = await session.read(tx => repository.openRestores(tx, tenantId))
  const running = open.find(row => row.state !== 'ready')
  const who =
    running === undefined
      ? 'Somebody is working on a restore of this tenant right now.'
      : `${running.who} has been preparing a restore of this tenant since ${running.createdAt.slice(0, 16).replace('T', ' ')} UTC.`
  return new AppError('CONFLICT', who, {
    hint: 'Wait until that job has ended, or ask for it to be cancelled.',
    retryable: true,
    details: {
      reason: 'restore-running',
      ...(running === undefined ? {} : { who: running.who, restoreId: running.id }),
    },
  })
}

export const notReadyFor = (row: repository.RestoreRow, act: string): AppError =>
  new AppError('CONFLICT', `This restore is ${row.state}; it cannot be ${act}.`, {
    hint: 'Look at the restores of this tenant.',
  })

/**
 * Drops a schema that a restore made, in the caller's transaction. Rejects with CONFLICT for what is the schema of a tenant: no name, however
 * it came here, may remove live data.
 */
export async function dropOwnSchema(tx: WriteTx<'registry'>, schema: string): Promise<void> {
  const owner = await tx.row<{ slug: string }>({
    text: 'select slug from tenants where database_schema = $1',
    values: [schema],
  })
  if (owner !== undefined) {
    throw new AppError('CONFLICT', `The schema ${schema} is the live one of the tenant ${owner.slug}.`)
  }
  await tx.script(`drop schema if exists ${quoteIdentifier(schema)} cascade`)
}

/**
 * Writes down how a prepare ended that did not answer well, and removes its side schema; on connections free of the cancel that may
 * have caused it. Where even this fails, the row is left without its lock, which every reader takes as failed, and it names the schema.
 */
export async function settlePrepare(
  work: Work,
  { id, side, error }: { id: string; side: string; error: AppError },
): Promise<AppError> {
  const db = work.db.afterCancel(SETTLE_LIMIT_MS)
  const isCancelled = work.signal.aborted && error.code === 'CANCELLED'
  const options = { lockTimeoutMs: DROP_LOCK_TIMEOUT_MS, statementTimeoutMs: SETTLE_LIMIT_MS }
  await untilConnected(() => db.write(tx => dropOwnSchema(tx, side), options)).catch(() =>
    work.job.log(`The schema ${side} could not be removed; discard this restore to remove it.`),
  )
  const { code, message, hint, id: errorId } = error
  const write = () =>
    db.write(async tx => {
      const row = await repository.lockRestore(tx, id)
      if (row.storedState !== 'preparing') return
      await repository.changeRestore(tx, id, {
        state: isCancelled ? 'cancelled' : 'failed',
        error: { code, message, ...(hint === undefined ? {} : { hint }), id: errorId },
      })
    })
  await untilConnected(write).catch(() =>
    work.job.log('The outcome could not be written to the registry; the restore shows as failed and can be discarded.'),
  )
  return error
}

const RECONNECT_LIMIT_MS = 30_000
const LONGEST_PAUSE_MS = 2_000

/** A server that ended all sessions, or restarts, is there again soon; the pool may lend more than one connection that it ended. */
async function untilConnected<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + RECONNECT_LIMIT_MS
  for (let pause = 20; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work()
    } catch (error) {
      const isLost = isAppError(error) && error.code === 'CONNECTION_FAILED' && error.retryable
      if (!isLost || performance.now() > end) throw error
      await setTimeout(pause)
    }
  }
}
