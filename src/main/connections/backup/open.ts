import type { BackupSettings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from './backup-store.ts'
import { FolderStore } from './folder-store.ts'
import { S3Store } from './s3-store.ts'

/** Connects to nothing yet. A folder needs no secret. */
export function openBackupStore(settings: BackupSettings, secret: string | undefined): BackupStore {
  if (settings.kind === 'folder') return new FolderStore(settings)
  if (secret === undefined) {
    throw new AppError('CONNECTION_FAILED', 'The backup store has no secret access key.', {
      hint: 'Edit the environment and enter the secret access key.',
      details: { reason: 'secret', store: 'backup' },
    })
  }
  return new S3Store(settings, secret)
}
