import { AppError } from '#shared/errors.ts'
import type { Connections } from '../../../connections/connections.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import { withBackupLock } from '../archive/backup-lock.ts'
import { archivesInUse } from './catalogue.repository.ts'
import { ownArchive } from './own-archive.ts'
import { recordDeletion, removeArchive } from './remove-archive.ts'
import { openTimeLine, type TenantTarget } from './time-line.ts'

export interface DeletionTarget extends TenantTarget {
  registry: WriteDb
  who: string
  /** Given with the confirmation; in production always. */
  reason?: string | undefined
}

/** Deletes one archive for good: never the last good one of its tenant, nor one that a restore still needs. */
export class ArchiveDeletion {
  private readonly connections: Pick<Connections, 'backup'>

  constructor(connections: Pick<Connections, 'backup'>) {
    this.connections = connections
  }

  /** @throws AppError NOT_FOUND; CONFLICT with `{ reason: 'last-good' | 'in-use' | 'backup-running' }` */
  async delete(
    target: DeletionTarget,
    archive: string,
  ): Promise<{ archive: string; objects: number; storedBytes: string }> {
    const { registry, tenant, environment, signal, who, reason } = target
    const own = ownArchive(tenant, archive)
    const store = await this.connections.backup(environment)
    return await registry.session(({ connection }) =>
      // Under the lock: of two people who delete, each would see the other's archive as the one that stays.
      withBackupLock(connection, tenant, async () => {
        await this.refuseLastGood(target, own.archive)
        const onManifestGone = () =>
          recordDeletion(registry, {
            archive,
            who,
            action: 'backup.delete',
            reason,
            owner: tenant,
            databaseSchema: own.schema,
          })
        const removed = await removeArchive(store, own.archive, { signal, onManifestGone })
        return { archive, objects: removed.objects, storedBytes: String(removed.bytes) }
      }),
    )
  }

  private async refuseLastGood(target: DeletionTarget, archive: string): Promise<void> {
    const view = await openTimeLine(await this.connections.backup(target.environment), target)
    if (!view.folders.some(folder => folder.archive === archive)) {
      throw new AppError('NOT_FOUND', 'There is no such archive (any more).')
    }
    if ((await view.lastGood()) === archive) {
      throw new AppError('CONFLICT', `This is the last good backup of ${target.tenant.slug}.`, {
        hint: 'Back the tenant up again first; then this one can be deleted.',
        details: { reason: 'last-good' },
      })
    }
    const inUse = await target.registry.read(archivesInUse)
    if (!inUse.has(archive)) return
    throw new AppError('CONFLICT', 'A restore from this archive is not over yet.', {
      hint: 'Finish or discard the restore first.',
      details: { reason: 'in-use' },
    })
  }
}
