import type { z } from 'zod'
import type { KeptSchema } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import type { DbSession, ReadDb, WriteTx } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { withTenantLock } from '../../tenants/tenant-lock.ts'
import { recordHistory } from '../../tenants/tenant-swap.ts'
import { namingHolders } from './holders.ts'
import { readKept } from './kept.repository.ts'
import { DROP_LOCK_TIMEOUT_MS, dropOwnSchema } from './prepare-outcome.ts'
import * as repository from './restore.repository.ts'
import { withSchemaLock } from './restore-lock.ts'
import type { Work as JobWork } from './swap.ts'

type Work = Omit<JobWork, 'job'> & { job: Pick<JobControl, 'progress' | 'log'> }

type Kept = z.infer<typeof KeptSchema>

export interface RemovedKept {
  removed: string[]
  failed: { schema: string; problem: string }[]
}

/** What restores leave on the server: schemas kept for undo, and leftovers of consoles that died. */
export class KeptService {
  async list(db: ReadDb<'registry'>): Promise<Kept[]> {
    return await db.read(tx => readKept(tx))
  }

  /**
   * Drops the named schemas, or all expired ones. One transaction each: what could not be dropped is said, and the rest goes on. Nothing
   * is dropped that is live or that somebody works with.
   */
  async remove(work: Work, schemas?: readonly string[]): Promise<RemovedKept> {
    const found = await work.db.read(tx => readKept(tx, schemas === undefined ? null : schemas))
    const chosen = schemas ?? found.filter(kept => kept.isExpired && !kept.isInUse).map(kept => kept.schema)
    const report: RemovedKept = { removed: [], failed: [] }
    for (const [index, schema] of chosen.entries()) {
      work.signal.throwIfAborted()
      work.job.progress({ done: index, total: chosen.length, unit: 'schemas', note: schema })
      try {
        const kept = found.find(candidate => candidate.schema === schema)
        if (kept === undefined) throw notKept(schema)
        await namingHolders(work.db, schema, () =>
          work.db.session(session => removeOne(session, work, { kept, onlyExpired: schemas === undefined })),
        )
        report.removed.push(schema)
      } catch (error) {
        const failure = toAppError(error, { isCancelled: work.signal.aborted })
        if (work.signal.aborted) throw failure
        report.failed.push({ schema, problem: failure.message })
      }
    }
    return report
  }
}

interface Removal {
  kept: Kept
  /** It was chosen because it had expired, so it must still have when it is dropped. */
  onlyExpired: boolean
}

/** An undo holds the tenant's lock: nobody takes away what it is about to bring back. */
async function removeOne(session: DbSession<'registry'>, work: Work, removal: Removal): Promise<void> {
  const { schema, tenantId } = removal.kept
  const remove = () =>
    withSchemaLock(session.connection, schema, () =>
      session.write(tx => removeIn(tx, work, removal), { lockTimeoutMs: DROP_LOCK_TIMEOUT_MS, statementTimeoutMs: 0 }),
    )
  await (tenantId === null ? remove() : withTenantLock(session.connection, tenantId, remove))
}

async function removeIn(tx: WriteTx<'registry'>, work: Work, { kept, onlyExpired }: Removal): Promise<void> {
  const { schema, restoreId } = kept
  // Locked before it is judged: nobody makes it part of a swap meanwhile.
  const row = restoreId === null ? undefined : await repository.lockRestore(tx, restoreId)
  const isDead = row === undefined || (row.storedState === 'preparing' && row.sideSchema === schema)
  const isOpen = !isDead && ['preparing', 'ready', 'swapping'].includes(row.state)
  // Without its tenant nobody can swap or discard it any more.
  if (isOpen && (await hasTenant(tx, row.tenantId))) throw inUse(schema)
  const isExpired = row?.keptUntil !== undefined && row.keptUntil !== null && Date.parse(row.keptUntil) < Date.now()
  if (onlyExpired && !isExpired) throw notKept(schema)
  await dropOwnSchema(tx, schema)
  if (row === undefined) return
  if (row.sideSchema === schema && row.keptSchema !== schema)
    await repository.changeRestore(tx, row.id, { state: 'discarded' })
  else await repository.changeRestore(tx, row.id, { keptUntil: null })
  const note = { who: work.who, action: 'restore.removeKept', tenantId: row.tenantId, slug: row.slug }
  await recordHistory(tx, { ...note, before: { restoreId: row.id, schema, keptUntil: row.keptUntil } })
}

const hasTenant = async (tx: WriteTx<'registry'>, id: string): Promise<boolean> =>
  (await tx.row({ text: 'select 1 from tenants where id = $1::uuid', values: [id] })) !== undefined

const inUse = (schema: string): AppError =>
  new AppError('CONFLICT', `The schema ${schema} belongs to a restore that is on its way or ready.`, {
    hint: 'Discard the restore instead.',
  })

const notKept = (schema: string): AppError =>
  new AppError('NOT_FOUND', `No restore keeps the schema ${schema} (any more).`, { hint: 'Look at the list again.' })
