import type { CleanupPlan } from '#shared/contract/backup.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { formatBytes, formatPlural } from '../../../lib/format.ts'
import { useConfirmation } from '../parts/use-confirmation.ts'

/** Deletes what the saved rules do not keep, after the environment's name was typed. */
export function CleanupDialog({ plan, onClose }: { plan: CleanupPlan; onClose: () => void }) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const cleanup = useMutationOperation('backups.cleanup', { isQuiet: true })
  return (
    <ConfirmDialog
      title="Clean up the backup store"
      actionLabel="Delete for good"
      keepLabel="Keep everything"
      isDestructive
      expected={environment.name}
      expectedName="name of the environment"
      reason={confirmation.reason}
      reasonNote="Kept in the audit log."
      isRunning={cleanup.isPending}
      error={cleanup.error}
      onClose={onClose}
      onConfirm={confirmed =>
        cleanup.mutate(
          { environmentId: environment.id, policy: plan.policy, confirmation: confirmation.of(confirmed) },
          {
            onSuccess: () => {
              setTrayOpen(true)
              onClose()
            },
          },
        )
      }
    >
      <Notice meaning="bad">
        <strong>
          {formatPlural(plan.remove.length, 'item')} with {formatBytes(plan.removeBytes)} will be deleted from the
          backup store.
        </strong>{' '}
        Nothing in Tenantry can undo it. {formatPlural(plan.keep, 'archive')} stay, among them the last good one of
        every tenant.
      </Notice>
    </ConfirmDialog>
  )
}
