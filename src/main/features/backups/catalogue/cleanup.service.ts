import type { CleanupPlan, RetentionPolicy } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { Connections } from '../../../connections/connections.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import type { ReadDb, WriteDb } from '../../../connections/postgres/database.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { requireRegistry } from '../../migrations/migration.service.ts'
import { withBackupLock } from '../archive/backup-lock.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import { type CleanupItem, type FullDumps, type Plan, planCleanup, uploadKey } from './cleanup-plan.ts'
import { inParallel } from './in-parallel.ts'
import { recordDeletion, removeArchive } from './remove-archive.ts'
import { readRetention, saveRetention } from './retention.repository.ts'

/** Each may hold a connection to the registry; the pool has others to serve. */
const REMOVED_AT_ONCE = 4

export interface CleanupTarget {
  registry: ReadDb<'registry'>
  environment: Environment
  signal: AbortSignal
}

export interface CleanupWork extends CleanupTarget {
  registry: WriteDb
  job: Pick<JobControl, 'progress' | 'log'>
  who: string
  reason?: string | undefined
}

export type CleanupReport = CleanupPlan & { removedBytes: string; failed: string[] }

/** What restores left on the database server and nobody needs any more: items of the kinds `kept` and `database`. */
export interface ServerLeftovers {
  list(target: CleanupTarget): Promise<CleanupItem[]>
  /** Resolves to the bytes that were freed. */
  remove(work: CleanupWork, item: CleanupItem): Promise<number>
}

interface Dependencies {
  connections: Pick<Connections, 'backup'>
  dumps: FullDumps
  leftovers: ServerLeftovers
  now?: () => Date
}

/** Takes away what no retention rule keeps, and what dead backups left. */
export class CleanupService {
  private readonly connections: Pick<Connections, 'backup'>
  private readonly dumps: FullDumps
  private readonly leftovers: ServerLeftovers
  private readonly now: () => Date

  constructor({ connections, dumps, leftovers, now = () => new Date() }: Dependencies) {
    this.leftovers = leftovers
    this.connections = connections
    this.dumps = dumps
    this.now = now
  }

  /** The saved rules; the default ones before any were saved. */
  async retention(registry: ReadDb<'registry'>): Promise<RetentionPolicy> {
    return await registry.read(async tx => {
      await requireRegistry(tx)
      return await readRetention(tx)
    })
  }

  async setRetention(registry: WriteDb, policy: RetentionPolicy, who: string): Promise<RetentionPolicy> {
    await registry.write(async tx => {
      await requireRegistry(tx)
      await saveRetention(tx, policy, who)
    })
    return policy
  }

  /** Deletes nothing. What could not be read stays, and is told in `problems`. */
  async plan(target: CleanupTarget, policy?: RetentionPolicy): Promise<CleanupPlan> {
    const rules = policy ?? (await this.retention(target.registry))
    const store = await this.connections.backup(target.environment)
    return planModel(rules, await this.freshPlan(target, store, rules))
  }

  /**
   * Does what a plan of this moment says. An item that fails is told in `failed` and the work goes on; what a cancelled one took away is
   * in the job's log.
   */
  async cleanup(work: CleanupWork, policy?: RetentionPolicy): Promise<CleanupReport> {
    const rules = policy ?? (await this.retention(work.registry))
    const store = await this.connections.backup(work.environment)
    const plan = await this.freshPlan(work, store, rules)
    const failed: string[] = []
    let removedBytes = 0
    let done = 0
    const removeOne = async (item: CleanupItem) => {
      throwIfCancelled(work.signal)
      try {
        removedBytes += await this.remove({ work, store, plan }, item)
        work.job.log(`Removed ${item.key}`)
      } catch (error) {
        if (work.signal.aborted || !isAppError(error)) throw error
        failed.push(`${item.key}: ${error.message}`)
        work.job.log(`Not removed: ${item.key}: ${error.message}`)
      }
      done += 1
      work.job.progress({ done, total: plan.remove.length, unit: 'items', note: item.key })
    }
    // One after the other within a schema: what is removed there may need the lock on the tenant's backups.
    await inParallel(bySchema(plan.remove), REMOVED_AT_ONCE, async items => {
      for (const item of items) await removeOne(item)
    })
    return { ...planModel(rules, plan), removedBytes: String(removedBytes), failed }
  }

  private async freshPlan(target: CleanupTarget, store: BackupStore, policy: RetentionPolicy): Promise<Plan> {
    const { registry, signal } = target
    const database = target.environment.stores.postgres?.database ?? ''
    const plan = await planCleanup({ registry, store, dumps: this.dumps, database, policy, now: this.now(), signal })
    return { ...plan, remove: [...plan.remove, ...(await this.leftovers.list(target))] }
  }

  /** Resolves to the bytes that were freed. */
  private async remove(run: Run, item: CleanupItem): Promise<number> {
    const { work, store } = run
    switch (item.kind) {
      case 'archive':
        return await this.removeArchive(run, item)
      case 'incomplete':
        return await this.removeIncomplete(run, item)
      case 'full':
        await this.dumps.remove(store, item.key, work.signal)
        return Number(item.storedBytes)
      case 'upload':
        await abortUpload(store, item, work.signal)
        return 0
      case 'kept':
      case 'database':
        return await this.leftovers.remove(work, item)
    }
  }

  private async removeArchive({ work, store, plan }: Run, item: CleanupItem): Promise<number> {
    const databaseSchema = item.databaseSchema ?? ''
    const { registry, who, reason, signal } = work
    const owner = plan.owners.get(databaseSchema)
    const deletion = { archive: item.key, who, action: 'backup.cleanup', reason, owner, databaseSchema } as const
    const onManifestGone = () => recordDeletion(registry, deletion)
    return (await removeArchive(store, item.key, { signal, onManifestGone })).bytes
  }

  /** Its writer may have come back to life since the plan, or be another console whose clock is wrong. */
  private async removeIncomplete({ work, store, plan }: Run, item: CleanupItem): Promise<number> {
    const { signal } = work
    const owner = plan.owners.get(item.databaseSchema ?? '')
    const remove = async () => {
      if ((await store.head(`${item.key}${MANIFEST_NAME}`, signal)) !== undefined) {
        throw new AppError('CONFLICT', 'It has become a whole archive meanwhile.')
      }
      return (await removeArchive(store, item.key, { signal })).bytes
    }
    // Nobody can back up a tenant that is gone.
    if (owner === undefined) return await remove()
    return await work.registry.session(({ connection }) => withBackupLock(connection, owner, remove))
  }
}

interface Run {
  work: CleanupWork
  store: BackupStore
  plan: Plan
}

const bySchema = (items: readonly CleanupItem[]): CleanupItem[][] => [
  ...Map.groupBy(items, item => item.databaseSchema ?? '').values(),
]

const planModel = (policy: RetentionPolicy, { remove, keep, problems }: Plan): CleanupPlan => ({
  policy,
  remove,
  keep,
  removeBytes: String(remove.reduce((sum, { storedBytes }) => sum + Number(storedBytes ?? 0), 0)),
  problems,
})

async function abortUpload(store: BackupStore, item: CleanupItem, signal: AbortSignal): Promise<void> {
  const uploads = await store.listUnfinished('backups/', signal)
  const upload = uploads.find(({ key, uploadId }) => uploadKey(key, uploadId) === item.key)
  if (upload !== undefined) await store.abortUnfinished(upload, signal)
}
