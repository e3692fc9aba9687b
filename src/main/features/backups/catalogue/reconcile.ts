import type { Environment } from '#shared/contract/environment.model.ts'
import { isAppError } from '#shared/errors.ts'
import type { Connections } from '../../../connections/connections.ts'
import { openWriteDb, type WriteDb } from '../../../connections/postgres/database.ts'
import { withBackupLock } from '../archive/backup-lock.ts'
import { STORE_REQUESTS } from './archive-folders.ts'
import { forgetArchives, knownArchives, putKnownArchive } from './catalogue.repository.ts'
import { inParallel } from './in-parallel.ts'
import { type ArchivedTenant, openTimeLine, type TenantTarget } from './time-line.ts'

/** A repair that takes longer is given up; the next look at the time line begins another. */
const REPAIR_LIMIT_MS = 10 * 60_000

/**
 * Brings the registry's copy of one tenant's archives to what the store holds. It holds the lock on the tenant's backups: a writer enters
 * its archive itself, right after the manifest. Rejects with CONFLICT while somebody else holds it.
 */
export async function reconcile(
  connections: Pick<Connections, 'backup'>,
  target: TenantTarget & { registry: WriteDb },
): Promise<{ added: number; removed: number }> {
  const { registry, tenant } = target
  return await registry.session(({ connection, read, write }) =>
    withBackupLock(connection, tenant, async () => {
      const view = await openTimeLine(await connections.backup(target.environment), target)
      const known = await read(tx => knownArchives(tx, tenant.id))
      const hashes = new Map(known.map(({ archive, hash }) => [archive, hash]))
      const answers = await inParallel(view.folders, STORE_REQUESTS, async folder => ({
        archive: folder.archive,
        answer: await view.answerOf(folder),
      }))
      const complete = answers.flatMap(({ archive, answer }) =>
        answer.state === 'complete' ? [{ archive, manifest: answer.manifest }] : [],
      )
      const missing = complete.filter(({ archive, manifest }) => hashes.get(archive) !== manifest.hash)
      const there = new Set(complete.map(({ archive }) => archive))
      const gone = known.map(({ archive }) => archive).filter(archive => !there.has(archive))
      await write(async tx => {
        for (const { archive, manifest } of missing) await putKnownArchive(tx, archive, manifest)
        await forgetArchives(tx, gone)
      })
      return { added: missing.length, removed: gone.length }
    }),
  )
}

/**
 * Repairs what a look at the time line found to differ. Looking stays a read: the repair is an act of its own, with a handle of its own,
 * and nobody waits for it.
 */
export class BackgroundRepair {
  private readonly connections: Pick<Connections, 'backup' | 'postgres'>
  private readonly onFailure: (error: unknown) => void
  private readonly running = new Map<string, Promise<void>>()
  private readonly closing = new AbortController()

  constructor(connections: Pick<Connections, 'backup' | 'postgres'>, onFailure: (error: unknown) => void) {
    this.connections = connections
    this.onFailure = onFailure
  }

  /** Begins a repair, unless one of this tenant is under way. */
  begin(environment: Environment, tenant: ArchivedTenant): void {
    const key = `${environment.id} ${tenant.id}`
    if (this.running.has(key)) return
    const repair = this.repair(environment, tenant)
      .catch((error: unknown) => {
        // Somebody writes or deletes archives now: the next look sees what came of it.
        if (this.closing.signal.aborted || (isAppError(error) && error.code === 'CONFLICT')) return
        this.onFailure(error)
      })
      .finally(() => this.running.delete(key))
    this.running.set(key, repair)
  }

  /** Resolves when no repair is under way. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values())
  }

  /** Ends what is under way; what is left differs still, and is found again. */
  async close(): Promise<void> {
    this.closing.abort()
    await this.settled()
  }

  private async repair(environment: Environment, tenant: ArchivedTenant): Promise<void> {
    const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(REPAIR_LIMIT_MS)])
    const registry = openWriteDb({
      pool: () => this.connections.postgres(environment),
      space: 'registry',
      schema: environment.stores.postgres?.registrySchema ?? 'public',
      signal,
    })
    await reconcile(this.connections, { registry, environment, tenant, signal })
  }
}
