import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import { addAudit } from '../../tenants/tenant.repository.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import { forgetArchives } from './catalogue.repository.ts'

export interface Removed {
  objects: number
  bytes: number
}

/**
 * Deletes what lies below an archive's prefix. The manifest goes first: what is left of a removal that breaks off has none, and is never
 * taken for an archive.
 */
export async function removeArchive(
  store: BackupStore,
  prefix: string,
  hooks: { signal: AbortSignal; onManifestGone?: () => Promise<void> },
): Promise<Removed> {
  const { signal, onManifestGone } = hooks
  const manifestKey = `${prefix}${MANIFEST_NAME}`
  const keys: string[] = []
  let bytes = 0
  let objects = 0
  for await (const { key, size } of store.listAll(prefix, signal)) {
    objects += 1
    bytes += size
    if (key !== manifestKey) keys.push(key)
  }
  await store.delete([manifestKey], signal)
  await onManifestGone?.()
  await store.delete(keys, signal)
  return { objects, bytes }
}

export interface Deletion {
  archive: string
  who: string
  action: 'backup.delete' | 'backup.cleanup'
  reason?: string | undefined
  /** Whose it is, where that is known without the registry's copy. */
  owner: { id: string; slug: string } | undefined
  databaseSchema: string
}

/** Takes an archive out of the registry's copy and writes it into the tenant's history. */
export async function recordDeletion(registry: WriteDb, deletion: Deletion): Promise<void> {
  const { archive, who, action, reason, databaseSchema } = deletion
  await registry.write(async tx => {
    const [known] = await forgetArchives(tx, [archive])
    const owner = known === undefined ? deletion.owner : { id: known.tenantId, slug: known.slug }
    // What another system left under a schema that no tenant has belongs to nobody's history; the console's own audit has it.
    if (owner === undefined) return
    const before = { archive, databaseSchema }
    await addAudit(tx, { who, action, tenantId: owner.id, slug: owner.slug, before, reason })
  })
}
