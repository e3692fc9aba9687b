import type { z } from 'zod'
import type { Restore, RestoreVerification, SchemaChoice } from '#shared/contract/restore.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { newId } from '#shared/ids.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import type { DbSession } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import type { Migration } from '../../migrations/migration-files.ts'
import { withTenantLock } from '../../tenants/tenant-lock.ts'
import { recordHistory } from '../../tenants/tenant-swap.ts'
import { type Archive, openArchive } from '../archive/reader.ts'
import { requireOwnManifest } from '../catalogue/own-archive.ts'
import { hasHold, releaseHold } from './hold.ts'
import { namingHolders } from './holders.ts'
import { restoreNames } from './names.ts'
import {
  DROP_LOCK_TIMEOUT_MS,
  dropOwnSchema,
  notReadyFor,
  requireTenant,
  restoreRunning,
  settlePrepare,
} from './prepare-outcome.ts'
import * as repository from './restore.repository.ts'
import { withRestoreLock, withSchemaLock } from './restore-lock.ts'
import { compareSides, type SideComparison } from './side-compare.ts'
import { migrateSide, pendingMigrations } from './side-migrate.ts'
import { buildSide, type SideProgress } from './side-schema.ts'
import { requireVerified, verificationOf } from './side-verify.ts'
import type { Work } from './swap.ts'

export interface ArchivePlace {
  store: BackupStore
  /** Ends with a slash. */
  prefix: string
}

export interface PrepareChoice {
  archive: ArchivePlace
  schemaChoice: z.infer<typeof SchemaChoice>
  purpose?: 'replace' | 'rows'
  reason?: string | undefined
}

interface Dependencies {
  /** Of tenants, in the order of their versions. */
  migrations: readonly Migration[]
  /** Connections that load at once; 2 when absent. */
  workers?: number
}

/** Somebody who has a table of live for themselves is waited for so long, then named. */
const COMPARE_LOCK_TIMEOUT_MS = 10_000

interface Run {
  work: Work
  tenant: TenantRow
  session: DbSession<'registry'>
  id: string
  side: string
  choice: PrepareChoice
}

/**
 * Builds archives beside live tenants until they are ready to be swapped. Live is only read. The side schema's name is in the registry
 * before the schema exists: whatever happens to this process, what it left can be found and discarded.
 */
export class PrepareService {
  private readonly migrations: readonly Migration[]
  private readonly workers: number | undefined

  constructor({ migrations, workers }: Dependencies) {
    this.migrations = migrations
    this.workers = workers
  }

  /**
   * Rejects with CONFLICT when somebody prepares a restore of this tenant already, when the archive is damaged or another tenant's, or
   * when the restored rows are not the archive's; with UNSUPPORTED for versions that cannot be migrated forward.
   */
  async prepare(work: Work, tenant: TenantRow, choice: PrepareChoice): Promise<Restore> {
    const id = newId()
    const { side } = restoreNames(tenant.databaseSchema, id, new Date())
    return await this.alone(work, tenant, session =>
      withSchemaLock(session.connection, side, async () => {
        const run = { work, tenant, session, id, side, choice }
        const opened = await work.job.step('Check the archive', () => this.check(run))
        try {
          return await this.build(run, opened)
        } catch (error) {
          throw await settlePrepare(work, { id, side, error: toAppError(error, { isCancelled: work.signal.aborted }) })
        }
      }),
    )
  }

  /** Compares a ready restore with live once more: after changes, before it is confirmed. */
  async recompare(work: Work, tenant: TenantRow, restoreId: string): Promise<Restore> {
    return await this.alone(work, tenant, async session => {
      const row = await session.read(tx => repository.findRestore(tx, restoreId))
      if (row === undefined || row.tenantId !== tenant.id) throw repository.noSuchRestore()
      if (row.state !== 'ready' || row.sideSchema === null) throw notReadyFor(row, 'compared')
      const compared = await this.compare({ work, tenant, session, side: row.sideSchema })
      return await session.write(async tx => {
        const current = await repository.lockRestore(tx, restoreId)
        if (current.state !== 'ready') throw notReadyFor(current, 'compared')
        await repository.changeRestore(tx, restoreId, comparisonChange(compared))
        return repository.toRestore(await repository.lockRestore(tx, restoreId))
      })
    })
  }

  /** Removes what a restore left beside live that was not swapped; the restore stays in the list. */
  async discard(work: Work, tenant: TenantRow, restoreId: string): Promise<Restore> {
    return await this.alone(work, tenant, async session => {
      const row = await session.read(tx => repository.findRestore(tx, restoreId))
      if (row === undefined || row.tenantId !== tenant.id) throw repository.noSuchRestore()
      const remove = () =>
        work.job.step('Remove the side schema', () => discardRow(session, work, { tenant, restoreId }))
      const { sideSchema } = row
      if (sideSchema === null) return await remove()
      return await namingHolders(work.db, sideSchema, () => withSchemaLock(session.connection, sideSchema, remove))
    })
  }

  private alone<T>(work: Work, tenant: TenantRow, act: (session: DbSession<'registry'>) => Promise<T>): Promise<T> {
    const tenantId = tenant.id
    return work.db.session(session =>
      withRestoreLock(session.connection, { tenantId, refusal: () => restoreRunning(session, tenantId) }, async () => {
        await releaseLeftHold(session, work, tenant)
        return await act(session)
      }),
    )
  }

  /** Opens the archive and enters the restore into the registry; nothing was built before. */
  private async check({ work, tenant, session, id, side, choice }: Run): Promise<Archive> {
    const { store, prefix } = choice.archive
    const archive = await openArchive(store, prefix, work.signal)
    const { manifest } = archive
    requireOwnManifest(tenant, manifest)
    pendingMigrations(manifest, this.migrations, choice.schemaChoice)
    await session.write(async tx => {
      await requireTenant(tx, tenant)
      await repository.insertRestore(tx, {
        id,
        tenantId: tenant.id,
        slug: tenant.slug,
        archiveKey: prefix,
        archiveHash: manifest.hash,
        purpose: choice.purpose ?? 'replace',
        sideSchema: side,
        plan: {
          schemaChoice: choice.schemaChoice,
          archiveAt: manifest.snapshotAt,
          databaseSchema: tenant.databaseSchema,
        },
        who: work.who,
        reason: choice.reason,
      })
    })
    return archive
  }

  private async build(run: Run, archive: Archive): Promise<Restore> {
    const { work, tenant, session, id, side, choice } = run
    const { manifest } = archive
    const built = await buildSide({
      db: work.db,
      session,
      signal: work.signal,
      archive,
      schema: side,
      ...(this.workers === undefined ? {} : { workers: this.workers }),
      step: (name, act) => work.job.step(name, act),
      onProgress: progress => work.job.progress(progressOf(progress)),
    })
    const verification = verificationOf(manifest, built)
    await session.write(tx => repository.changeRestore(tx, id, { verification }))
    requireVerified(manifest, built, verification)
    const pending = pendingMigrations(manifest, this.migrations, choice.schemaChoice)
    if (pending.length > 0) {
      await work.job.step('Migrate forward', () => migrateSide(session, { schema: side, who: work.who, pending }))
    }
    const compared = await this.compare({ work, tenant, session, side })
    throwIfCancelled(work.signal)
    return await this.ready(run, { compared, verification })
  }

  private async compare({
    work,
    tenant,
    session,
    side,
  }: Pick<Run, 'work' | 'tenant' | 'session' | 'side'>): Promise<SideComparison> {
    return await work.job.step('Compare with live', () =>
      namingHolders(work.db, tenant.databaseSchema, () =>
        session.read(
          async tx => {
            await requireTenant(tx, tenant)
            return await compareSides(tx, { side, live: tenant.databaseSchema })
          },
          { statementTimeoutMs: 0, lockTimeoutMs: COMPARE_LOCK_TIMEOUT_MS, isSnapshot: true },
        ),
      ),
    )
  }

  private async ready(
    { work, tenant, session, id, choice }: Run,
    done: { compared: SideComparison; verification: z.infer<typeof RestoreVerification> },
  ): Promise<Restore> {
    return await session.write(async tx => {
      await requireTenant(tx, tenant)
      await repository.changeRestore(tx, id, { state: 'ready', ...comparisonChange(done.compared) })
      await recordHistory(tx, {
        who: work.who,
        action: 'restore.prepare',
        tenantId: tenant.id,
        slug: tenant.slug,
        after: { restoreId: id, schemaChoice: choice.schemaChoice },
        reason: choice.reason,
      })
      return repository.toRestore(await repository.lockRestore(tx, id))
    })
  }
}

const comparisonChange = ({ tables, sideState, liveState }: SideComparison): repository.RestoreChange => ({
  comparison: tables,
  plan: { liveState, sideState, comparedAt: new Date().toISOString() },
})

const progressOf = ({ phase, done, total, table }: SideProgress) => ({
  done,
  total,
  unit: 'bytes',
  note: phase === 'load' ? `Loading ${table}` : `Reading ${table} back`,
})

/** What refused writes and could not be taken away at its end: others used the tables, or the console died. */
async function releaseLeftHold(session: DbSession<'registry'>, work: Work, tenant: TenantRow): Promise<void> {
  const schema = tenant.databaseSchema
  if (!(await session.read(tx => hasHold(tx, schema)))) return
  await withTenantLock(session.connection, tenant.id, () => releaseHold(session, schema)).catch(() =>
    work.job.log('Live still has triggers that refused writes for a swap: others use its tables, or swap it now.'),
  )
}

const DISCARDED_FROM: readonly string[] = ['ready', 'failed', 'cancelled', 'discarded']

async function discardRow(
  session: DbSession<'registry'>,
  work: Work,
  { tenant, restoreId }: { tenant: TenantRow; restoreId: string },
): Promise<Restore> {
  return await session.write(
    async tx => {
      const row = await repository.lockRestore(tx, restoreId)
      // Who discards holds the lock of the side schema, so what says `preparing` here belongs to a console that is gone.
      const state = row.storedState === 'preparing' ? 'failed' : row.state
      if (!DISCARDED_FROM.includes(state)) throw notReadyFor(row, 'discarded')
      if (row.sideSchema !== null) await dropOwnSchema(tx, row.sideSchema)
      await repository.changeRestore(tx, restoreId, { state: 'discarded' })
      const note = { who: work.who, action: 'restore.discard', tenantId: tenant.id, slug: tenant.slug }
      await recordHistory(tx, { ...note, after: { restoreId } })
      return repository.toRestore(await repository.lockRestore(tx, restoreId))
    },
    { lockTimeoutMs: DROP_LOCK_TIMEOUT_MS, statementTimeoutMs: 0 },
  )
}
