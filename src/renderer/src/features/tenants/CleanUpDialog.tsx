import { Text } from '@mantine/core'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { setTrayOpen } from '../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'

/** Removes what a failed provisioning left behind. */
export function CleanUpDialog({ tenant, onClose }: { tenant: TenantRow; onClose: () => void }) {
  const environment = useEnvironment()
  const cleanUp = useMutationOperation('tenants.cleanUp', { isQuiet: true })
  const isProduction = environment.class === 'production'
  return (
    <ConfirmDialog
      title={`Clean up ${tenant.name}`}
      actionLabel="Clean up"
      keepLabel="Keep it as it is"
      isDestructive
      expected={isProduction ? tenant.slug : undefined}
      expectedName="slug"
      reason={isProduction ? 'required' : 'none'}
      isRunning={cleanUp.isPending}
      error={cleanUp.error}
      onClose={onClose}
      onConfirm={confirmation =>
        cleanUp.mutate(
          {
            environmentId: environment.id,
            tenantId: tenant.id,
            ...(isProduction ? { confirmation } : {}),
          },
          {
            onSuccess: () => {
              setTrayOpen(true)
              onClose()
            },
          },
        )
      }
    >
      <Text size="sm">
        Its provisioning failed, so it holds no work of anybody. Its entry and whatever is left of the schema{' '}
        <span className="mono">{tenant.databaseSchema}</span> are removed, and the slug{' '}
        <span className="mono">{tenant.slug}</span> is free again.
      </Text>
    </ConfirmDialog>
  )
}
