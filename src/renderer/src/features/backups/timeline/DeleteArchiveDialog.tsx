import type { ArchiveRow } from '#shared/contract/backup.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { formatBytes, formatPlural } from '../../../lib/format.ts'
import { formatLocal } from '../../../lib/time.ts'
import { useConfirmation } from '../parts/use-confirmation.ts'

interface DeleteArchiveDialogProps {
  tenant: { id: string; slug: string; name: string }
  archive: ArchiveRow
  onStart?: () => void
  onClose: () => void
}

/** Deletes one archive for good, after the slug was typed. */
export function DeleteArchiveDialog({ tenant, archive, onStart, onClose }: DeleteArchiveDialogProps) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const remove = useMutationOperation('backups.delete', { isQuiet: true })
  const taken = formatLocal(new Date(archive.at))
  const facts = [
    archive.rows === null ? undefined : formatPlural(Number(archive.rows), 'row'),
    archive.storedBytes === null ? undefined : `${formatBytes(archive.storedBytes)} in the store`,
  ].filter(fact => fact !== undefined)
  return (
    <ConfirmDialog
      title={`Delete the archive of ${taken}`}
      actionLabel="Delete for good"
      keepLabel="Keep the archive"
      isDestructive
      expected={tenant.slug}
      expectedName="slug"
      reason={confirmation.reason}
      isRunning={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={confirmed =>
        remove.mutate(
          {
            environmentId: environment.id,
            tenantId: tenant.id,
            archive: archive.archive,
            confirmation: confirmation.of(confirmed),
          },
          {
            onSuccess: () => {
              setTrayOpen(true)
              onStart?.()
              onClose()
            },
          },
        )
      }
    >
      <Notice meaning="bad">
        <strong>
          The state of {tenant.name} at {taken} will be lost
          {facts.length > 0 && `: ${facts.join(', ')}`}.
        </strong>{' '}
        Nothing in Tenantry can undo it. Its other archives stay.
      </Notice>
    </ConfirmDialog>
  )
}
