import type { KeptSchema } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { formatBytes, formatPlural } from '../../../lib/format.ts'
import { sumCounts } from '../parts/sums.ts'
import { useConfirmation } from '../parts/use-confirmation.ts'

interface RemoveKeptDialogProps {
  schemas: readonly KeptSchema[]
  onStart: () => void
  onClose: () => void
}

/** Drops kept schemas for good; a restore whose kept schema is gone cannot be undone any more. */
export function RemoveKeptDialog({ schemas, onStart, onClose }: RemoveKeptDialogProps) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const remove = useMutationOperation('backups.removeKept', { isQuiet: true })
  const undoable = schemas.filter(({ kind }) => kind === 'before').length
  return (
    <ConfirmDialog
      title={`Remove ${formatPlural(schemas.length, 'kept schema')}`}
      actionLabel="Remove for good"
      keepLabel="Keep them"
      isDestructive
      expected={environment.name}
      expectedName="name of the environment"
      reason={confirmation.reason}
      reasonNote="Kept in the audit log."
      isRunning={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={confirmed =>
        remove.mutate(
          {
            environmentId: environment.id,
            schemas: schemas.map(({ schema }) => schema),
            confirmation: confirmation.of(confirmed),
          },
          {
            onSuccess: () => {
              setTrayOpen(true)
              onStart()
              onClose()
            },
          },
        )
      }
    >
      <Notice meaning="bad">
        <strong>
          {formatPlural(schemas.length, 'schema')} with{' '}
          {formatBytes(sumCounts(schemas.map(({ sizeBytes }) => sizeBytes)).toString())} will be dropped.
        </strong>{' '}
        {undoable > 0 && `${formatPlural(undoable, 'restore')} cannot be undone any more after that. `}
        Live tenants and archives stay as they are.
      </Notice>
    </ConfirmDialog>
  )
}
