import { type AppError, isAppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { type ArchiveLocation, archivePrefix, parseArchivePrefix, tenantPrefix } from '../archive/layout.ts'
import type { Manifest } from '../archive/manifest.ts'
import { openArchive } from '../archive/reader.ts'
import { isDamage } from '../archive/reader-checks.ts'

/** Requests to the store at the same time. */
export const STORE_REQUESTS = 8

export interface ArchiveFolder extends ArchiveLocation {
  /** The archive's prefix, which is its id. */
  archive: string
}

/** Reads a folder's place; undefined for what is no archive of this console, or not in the form in which it writes the place. */
export function archiveFolder(prefix: string): ArchiveFolder | undefined {
  try {
    const location = parseArchivePrefix(prefix)
    return archivePrefix(location.schema, location.stamp) === prefix ? { archive: prefix, ...location } : undefined
  } catch (error) {
    if (isAppError(error)) return undefined
    throw error
  }
}

/** All archives of a schema, whole or not, the latest first: one request per thousand. */
export async function listArchiveFolders(
  store: Pick<BackupStore, 'listFolders'>,
  schema: string,
  signal: AbortSignal,
): Promise<ArchiveFolder[]> {
  const folders = await listFolderNames(store, tenantPrefix(schema), signal)
  // The stamps have one length, so the order of the keys is that of the times.
  return folders.flatMap(prefix => archiveFolder(prefix) ?? []).reverse()
}

/** The folders directly below a prefix, in byte order. */
export async function listFolderNames(
  store: Pick<BackupStore, 'listFolders'>,
  prefix: string,
  signal: AbortSignal,
): Promise<string[]> {
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.listFolders({ prefix, cursor }, signal)
    names.push(...page.folders)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return names
}

export type ManifestAnswer =
  | { state: 'complete'; manifest: Manifest }
  /** There is no manifest: the backup runs, or it died. */
  | { state: 'none' }
  | { state: 'damaged'; problem: AppError }

/** Rejects only where the store fails. An archive in a format newer than this console counts as damaged: it cannot be judged. */
export async function readManifest(store: BackupStore, prefix: string, signal: AbortSignal): Promise<ManifestAnswer> {
  try {
    return { state: 'complete', manifest: (await openArchive(store, prefix, signal)).manifest }
  } catch (error) {
    if (!isAppError(error)) throw error
    const { code } = error
    if (code === 'NOT_FOUND') return { state: 'none' }
    if (code === 'UNSUPPORTED' || isDamage(error)) return { state: 'damaged', problem: error }
    throw error
  }
}
