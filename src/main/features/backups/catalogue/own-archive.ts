import { AppError } from '#shared/errors.ts'
import { damaged, type Manifest } from '../archive/manifest.ts'
import { type ArchiveFolder, archiveFolder } from './archive-folders.ts'

export interface ArchiveOwner {
  id: string
  databaseSchema: string
}

/**
 * The place that a caller names, when it is one of this tenant's. Whoever may act on one tenant must not reach another's archive by
 * naming it.
 * @throws AppError NOT_FOUND
 */
export function ownArchive(tenant: ArchiveOwner, prefix: string): ArchiveFolder {
  const folder = archiveFolder(prefix)
  if (folder !== undefined && folder.schema === tenant.databaseSchema) return folder
  throw new AppError('NOT_FOUND', 'This tenant has no such archive.', { hint: 'Choose an archive from its list.' })
}

/**
 * The place is the tenant's; what lies there must be too. A copied folder has the manifest of another tenant.
 * @throws AppError CONFLICT
 */
export function requireOwnManifest(tenant: ArchiveOwner, manifest: Manifest): void {
  if (manifest.tenant.id === tenant.id && manifest.tenant.databaseSchema === tenant.databaseSchema) return
  throw damaged('it holds the data of another tenant')
}
