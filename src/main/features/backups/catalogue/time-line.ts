import type { ArchiveRow } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { invalidInput } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { decodeCursor } from '../../../connections/postgres/cursor.ts'
import type { ReadDb } from '../../../connections/postgres/database.ts'
import { damaged } from '../archive/manifest.ts'
import {
  type ArchiveFolder,
  listArchiveFolders,
  type ManifestAnswer,
  readManifest,
  STORE_REQUESTS,
} from './archive-folders.ts'
import { archiveRow, storeName } from './archive-row.ts'
import { knownArchives } from './catalogue.repository.ts'
import { inParallel } from './in-parallel.ts'
import { isBackupRunning } from './running-backups.ts'
import { failedArchives, latestVerifications } from './verification.repository.ts'

export interface FleetTarget {
  registry: ReadDb<'registry'>
  environment: Environment
  signal: AbortSignal
}

/** Tells a tenant's archives from those of others. */
export type ArchivedTenant = Pick<TenantRow, 'id' | 'slug' | 'name' | 'databaseSchema'>

export interface TenantTarget extends FleetTarget {
  tenant: ArchivedTenant
}

/** One look at a tenant's archives. Manifests are read when they are asked for, each once. */
export class TimeLine {
  readonly folders: readonly ArchiveFolder[]
  private readonly target: TenantTarget
  private readonly store: BackupStore
  private readonly answers = new Map<string, Promise<ManifestAnswer>>()
  private failed: Promise<Set<string>> | undefined

  constructor(target: TenantTarget, store: BackupStore, folders: readonly ArchiveFolder[]) {
    this.target = target
    this.store = store
    this.folders = folders
  }

  /** Where the page after this cursor begins, also when its archive is gone meanwhile. */
  after(cursor: string): number {
    const [last] = decodeCursor(cursor, 1)
    if (typeof last !== 'string') throw invalidInput({ cursor: 'This cursor does not belong to this list.' })
    const next = this.folders.findIndex(({ archive }) => archive < last)
    return next === -1 ? this.folders.length : next
  }

  async rows(folders: readonly ArchiveFolder[]): Promise<ArchiveRow[]> {
    const { backup } = this.target.environment.stores
    const answers = await inParallel(folders, STORE_REQUESTS, folder => this.answerOf(folder))
    const verified = await this.read(tx =>
      latestVerifications(
        tx,
        folders.map(({ archive }) => archive),
      ),
    )
    const lastGood = await this.lastGood()
    const running = answers.some(({ state }) => state === 'none') ? await this.running() : undefined
    return folders.map((folder, index) =>
      archiveRow(folder, {
        answer: answers[index] ?? { state: 'none' },
        isRunning: folder.archive === running,
        verified: verified.get(folder.archive) ?? null,
        isLastGood: folder.archive === lastGood,
        store: backup === undefined ? '' : storeName(backup),
      }),
    )
  }

  /** Reads on from the latest until one is good: nearly always the first. */
  async lastGood(): Promise<string | undefined> {
    const failed = await this.failedArchives()
    for (const folder of this.folders) {
      if (failed.has(folder.archive)) continue
      const { state } = await this.answerOf(folder)
      if (state === 'complete') return folder.archive
    }
    return undefined
  }

  answerOf(folder: ArchiveFolder): Promise<ManifestAnswer> {
    const known = this.answers.get(folder.archive)
    if (known !== undefined) return known
    const answer = readManifest(this.store, folder.archive, this.target.signal).then(found =>
      found.state === 'complete' && found.manifest.tenant.id !== this.target.tenant.id
        ? { state: 'damaged' as const, problem: damaged('it holds the data of another tenant') }
        : found,
    )
    this.answers.set(folder.archive, answer)
    return answer
  }

  /** Whether the registry's copy of this part of the time line is another than the store's. */
  async differs(rows: readonly ArchiveRow[], { isFirst, isLast }: { isFirst: boolean; isLast: boolean }) {
    if (rows.length === 0 && !isFirst) return false
    const range = {
      from: isLast ? undefined : rows.at(-1)?.archive,
      to: isFirst ? undefined : rows[0]?.archive,
    }
    const known = await this.read(tx => knownArchives(tx, this.target.tenant.id, range))
    const text = (archive: string, hash: string | null) => `${archive} ${hash}`
    const there = rows.filter(({ state }) => state === 'complete').map(({ archive, hash }) => text(archive, hash))
    const expected = new Set(known.map(({ archive, hash }) => text(archive, hash)))
    return there.length !== expected.size || there.some(entry => !expected.has(entry))
  }

  /** Only the latest archive can be the one that is being written. */
  private async running(): Promise<string | undefined> {
    const isRunning = await this.read(tx => isBackupRunning(tx, this.target.tenant.id))
    return isRunning ? this.folders[0]?.archive : undefined
  }

  private failedArchives(): Promise<Set<string>> {
    this.failed ??= this.read(tx => failedArchives(tx, this.target.tenant.id))
    return this.failed
  }

  private read<T>(work: Parameters<typeof this.target.registry.read<T>>[0]): Promise<T> {
    return this.target.registry.read(work)
  }
}

export async function openTimeLine(store: BackupStore, target: TenantTarget): Promise<TimeLine> {
  return new TimeLine(target, store, await listArchiveFolders(store, target.tenant.databaseSchema, target.signal))
}
