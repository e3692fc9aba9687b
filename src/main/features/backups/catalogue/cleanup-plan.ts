import type { z } from 'zod'
import type { CleanupItem as CleanupItemModel, RetentionPolicy } from '#shared/contract/backup.model.ts'
import { type AppError, isAppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { ReadDb } from '../../../connections/postgres/database.ts'
import { SCHEMAS_PREFIX } from '../archive/layout.ts'
import { listFolderNames, STORE_REQUESTS } from './archive-folders.ts'
import { archivesInUse, schemasOnceBackedUp } from './catalogue.repository.ts'
import { inParallel } from './in-parallel.ts'
import { type SchemaOwner, schemaOwners } from './running-backups.ts'
import { bytesOf, decideSurely, isWhole, listStoredArchives, type StoredArchive } from './stored-archives.ts'
import { failedArchives } from './verification.repository.ts'

export type CleanupItem = z.infer<typeof CleanupItemModel>

/** What a backup that died left is taken away after this; its writer may still live before. */
export const LEFTOVER_MS = 24 * 3_600_000
const DAY_MS = 86_400_000
const BACKUPS_PREFIX = 'backups/'

/** The dumps of the whole database, as their service lists and removes them. */
export interface FullDumps {
  list(
    store: BackupStore,
    signal: AbortSignal,
  ): Promise<{ key: string; at: string; bytes: number; isComplete: boolean }[]>
  /** Null for a dump without a record. */
  get(store: BackupStore, key: string, signal: AbortSignal): Promise<{ database: string } | null>
  remove(store: BackupStore, key: string, signal: AbortSignal): Promise<void>
}

export interface PlanTarget {
  registry: ReadDb<'registry'>
  store: BackupStore
  dumps: FullDumps
  /** Of this environment: a store may hold dumps of others. */
  database: string
  policy: RetentionPolicy
  now: Date
  signal: AbortSignal
}

export interface Plan {
  remove: CleanupItem[]
  keep: number
  problems: string[]
  /** Tenants by the schema of an item. */
  owners: Map<string, SchemaOwner>
}

interface Facts {
  owners: Map<string, SchemaOwner>
  /** Schemas of this registry's tenants, those that are gone among them. */
  known: Set<string>
  failed: Set<string>
  inUse: Set<string>
}

/** What a clean-up would take away now, of all schemas in the store: also of those whose tenant is gone. */
export async function planCleanup(target: PlanTarget): Promise<Plan> {
  const { registry, store, signal } = target
  const facts = await registry.read(async (tx): Promise<Facts> => {
    const owners = await schemaOwners(tx)
    return {
      owners: new Map(owners.map(owner => [owner.databaseSchema, owner])),
      known: new Set([...owners.map(owner => owner.databaseSchema), ...(await schemasOnceBackedUp(tx))]),
      failed: await failedArchives(tx),
      inUse: await archivesInUse(tx),
    }
  })
  const folders = await listFolderNames(store, SCHEMAS_PREFIX, signal)
  const parts = await inParallel(folders, STORE_REQUESTS, folder => planSchema(target, facts, folder))
  parts.push(await planDumps(target), await planUploads(target))
  return {
    remove: parts.flatMap(part => part.remove),
    keep: parts.reduce((sum, part) => sum + part.keep, 0),
    problems: parts.flatMap(part => part.problems),
    owners: facts.owners,
  }
}

type Part = Omit<Plan, 'owners'>

async function planSchema(target: PlanTarget, facts: Facts, folder: string): Promise<Part> {
  const { store, signal, policy, now } = target
  try {
    const { archives, foreign } = await listStoredArchives(store, folder, signal)
    if (archives.some(({ schema }) => !facts.known.has(schema))) {
      // The store may be shared with another system: its archives follow its own rules.
      return { remove: [], keep: archives.length, problems: [`${folder} is of no tenant that this registry knows`] }
    }
    for (const archive of archives) {
      if (archive.condition === 'good' && facts.failed.has(archive.key)) archive.condition = 'failed'
    }
    const decisions = await decideSurely(archives, { policy, now }, archive => isWhole(store, archive, signal))
    const part: Part = { remove: [], keep: 0, problems: [] }
    for (const { archive, kept } of decisions) {
      const isNeeded = facts.inUse.has(archive.key)
      if (kept.length > 0 || isNeeded) part.keep += 1
      else part.remove.push(itemOf('archive', archive, 'No rule keeps it'))
      if (kept.length === 0 && isNeeded) part.problems.push(`${archive.key} stays: a restore from it is not over`)
    }
    if (decisions[0]?.kept.includes('none-good') === true) {
      part.problems.push(`${folder} has no good archive: nothing of it is taken away`)
    }
    planIncomplete(part, { archives, facts, now })
    if (foreign > 0) part.problems.push(`${folder} holds ${foreign} objects of another program, which stay`)
    return part
  } catch (error) {
    if (!isAppError(error) || error.code === 'CANCELLED') throw error
    return { remove: [], keep: 0, problems: [unreadable(folder, error)] }
  }
}

const unreadable = (place: string, error: AppError): string => `${place} could not be read: ${error.message}`

function planIncomplete(
  part: Part,
  { archives, facts, now }: { archives: StoredArchive[]; facts: Facts; now: Date },
): void {
  for (const archive of archives) {
    if (archive.condition === 'damaged') {
      part.keep += 1
      part.problems.push(`${archive.key} is damaged, and stays until somebody deletes it`)
    }
    if (archive.condition !== 'incomplete') continue
    const isRunning = facts.owners.get(archive.schema)?.isBackupRunning === true
    if (isRunning || now.getTime() - Date.parse(archive.at) < LEFTOVER_MS) continue
    part.remove.push(itemOf('incomplete', archive, 'Its backup died more than 24 hours ago'))
  }
}

const itemOf = (kind: 'archive' | 'incomplete', archive: StoredArchive, reason: string): CleanupItem => ({
  kind,
  key: archive.key,
  databaseSchema: archive.schema,
  at: archive.at,
  storedBytes: String(bytesOf(archive)),
  reason,
})

/** Only their age counts. The latest one stays, and so does the latest that is complete; another database's are left alone. */
async function planDumps(target: PlanTarget): Promise<Part> {
  const { store, dumps, policy, now, signal } = target
  try {
    const all = (await dumps.list(store, signal)).toSorted((a, b) => (a.at < b.at ? 1 : -1))
    const stays = new Set([all[0]?.key, all.find(dump => dump.isComplete)?.key])
    const old = all.filter(({ at }) => now.getTime() - Date.parse(at) >= policy.days * DAY_MS)
    const part: Part = { remove: [], keep: all.length, problems: [] }
    for (const dump of old.filter(({ key }) => !stays.has(key))) {
      const problem = await foreignDump(target, dump.key)
      if (problem === undefined) part.remove.push(dumpItem(dump, `Older than ${policy.days} days`))
      else part.problems.push(problem)
    }
    return { ...part, keep: all.length - part.remove.length }
  } catch (error) {
    if (!isAppError(error) || error.code === 'CANCELLED') throw error
    return { remove: [], keep: 0, problems: [unreadable('The list of whole-database dumps', error)] }
  }
}

const dumpItem = ({ key, at, bytes }: { key: string; at: string; bytes: number }, reason: string): CleanupItem => ({
  kind: 'full',
  key,
  databaseSchema: null,
  at,
  storedBytes: String(bytes),
  reason,
})

/** Why this dump stays although it is old. */
async function foreignDump({ dumps, store, database, signal }: PlanTarget, key: string): Promise<string | undefined> {
  try {
    const found = await dumps.get(store, key, signal)
    const isOwn = found === null || found.database === database
    return isOwn ? undefined : `${key} is of the database ${found.database}, not of this environment's`
  } catch (error) {
    if (!isAppError(error) || error.code === 'CANCELLED') throw error
    return unreadable(key, error)
  }
}

async function planUploads({ store, now, signal }: PlanTarget): Promise<Part> {
  try {
    const uploads = await store.listUnfinished(BACKUPS_PREFIX, signal)
    const remove = uploads
      .filter(({ startedAt }) => now.getTime() - Date.parse(startedAt) >= LEFTOVER_MS)
      .map(
        ({ key, uploadId, startedAt }): CleanupItem => ({
          kind: 'upload',
          key: uploadKey(key, uploadId),
          databaseSchema: null,
          at: startedAt,
          storedBytes: null,
          reason: 'An upload that did not end within 24 hours',
        }),
      )
    return { remove, keep: 0, problems: [] }
  } catch (error) {
    if (!isAppError(error) || error.code === 'CANCELLED') throw error
    return { remove: [], keep: 0, problems: [unreadable('The list of unfinished uploads', error)] }
  }
}

/** A folder gives its unfinished files names of their own; several uploads may have the same key. */
export const uploadKey = (key: string | null, uploadId: string): string =>
  key === null ? uploadId : `${key}#${uploadId}`
