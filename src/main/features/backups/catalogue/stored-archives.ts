import type { RetentionPolicy } from '#shared/contract/backup.model.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import type { Manifest } from '../archive/manifest.ts'
import { archiveFolder, readManifest, STORE_REQUESTS } from './archive-folders.ts'
import { inParallel } from './in-parallel.ts'
import { type DatedArchive, type Decision, decide } from './retention.ts'

/** An archive as the listing of its objects shows it. */
export interface StoredArchive extends DatedArchive {
  schema: string
  /** Bytes of each object, by its name below the archive's prefix. */
  objects: Map<string, number>
}

export interface SchemaListing {
  /** By what the listing alone can tell: good where there is a manifest. */
  archives: StoredArchive[]
  /** Objects that are no part of an archive of this console, for example dumps of another program. */
  foreign: number
}

export const bytesOf = (archive: StoredArchive): number =>
  [...archive.objects.values()].reduce((sum, size) => sum + size, 0)

/** Everything below a schema's prefix: one request per thousand objects, and none per archive. */
export async function listStoredArchives(
  store: Pick<BackupStore, 'listAll'>,
  folder: string,
  signal: AbortSignal,
): Promise<SchemaListing> {
  const archives = new Map<string, StoredArchive>()
  let foreign = 0
  for await (const { key, size } of store.listAll(folder, signal)) {
    const end = key.indexOf('/', folder.length)
    const place = end === -1 ? undefined : archiveFolder(key.slice(0, end + 1))
    if (place === undefined) {
      foreign += 1
      continue
    }
    const known = archives.get(place.archive)
    const archive: StoredArchive = known ?? {
      key: place.archive,
      at: place.at,
      schema: place.schema,
      condition: 'incomplete',
      objects: new Map(),
    }
    if (known === undefined) archives.set(place.archive, archive)
    const name = key.slice(place.archive.length)
    archive.objects.set(name, size)
    if (name === MANIFEST_NAME) archive.condition = 'good'
  }
  return { archives: [...archives.values()], foreign }
}

/**
 * What the rules decide once every archive that the decision rests on was looked into: those that would go, and those that stay in
 * their stead. A good one that proves damaged makes room for an older one, so it is decided anew; each round only keeps more.
 */
export async function decideSurely(
  archives: readonly StoredArchive[],
  rules: { policy: RetentionPolicy; now: Date },
  check: (archive: StoredArchive) => Promise<boolean>,
): Promise<Decision<StoredArchive>[]> {
  const checked = new Set<StoredArchive>()
  for (;;) {
    const decisions = decide(archives, rules.policy, rules.now)
    if (decisions.every(({ kept }) => kept.length > 0)) return decisions
    const doubtful = decisions
      .filter(({ kept }) => kept.length === 0 || kept.some(rule => rule !== 'days'))
      .map(({ archive }) => archive)
      .filter(archive => archive.condition === 'good' && !checked.has(archive))
    if (doubtful.length === 0) return decisions
    await inParallel(doubtful, STORE_REQUESTS, async archive => {
      checked.add(archive)
      if (!(await check(archive))) archive.condition = 'damaged'
    })
  }
}

/** Whether the manifest can be trusted and every object it names lies there in its size. The bytes themselves are not read. */
export async function isWhole(store: BackupStore, archive: StoredArchive, signal: AbortSignal): Promise<boolean> {
  const answer = await readManifest(store, archive.key, signal)
  return (
    answer.state === 'complete' &&
    namedObjects(answer.manifest).every(([name, size]) => archive.objects.get(name) === size)
  )
}

const namedObjects = ({ schema, tables }: Manifest): [string, number][] =>
  [schema.object, ...tables.flatMap(table => table.object ?? [])].map(({ name, bytes }) => [name, bytes])
