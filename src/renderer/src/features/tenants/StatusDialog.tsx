import { Text } from '@mantine/core'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useMutationOperation } from '../../client/hooks.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { notifyDone } from '../../lib/notify.tsx'

interface StatusDialogProps {
  tenant: TenantRow
  action: 'suspend' | 'reactivate' | 'archive'
  onClose: () => void
}

const WORDS = {
  suspend: {
    title: 'Suspend',
    text: 'Its people cannot sign in until it is reactivated. All data stays as it is.',
    done: 'was suspended',
  },
  reactivate: { title: 'Reactivate', text: 'Its people can sign in again.', done: 'is active again' },
  archive: {
    title: 'Archive',
    text: 'It leaves the everyday work; its people cannot sign in. All data stays, and it can be reactivated.',
    done: 'was archived',
  },
} as const

/** Suspends, reactivates or archives: nothing is lost, so a reason is enough, and in production the typed slug. */
export function StatusDialog({ tenant, action, onClose }: StatusDialogProps) {
  const environment = useEnvironment()
  const change = useMutationOperation(`tenants.${action}`, { isQuiet: true })
  const words = WORDS[action]
  const needsTyped = environment.class === 'production' && action !== 'reactivate'
  return (
    <ConfirmDialog
      title={`${words.title} ${tenant.name}`}
      actionLabel={words.title}
      expected={needsTyped ? tenant.slug : undefined}
      expectedName="slug"
      reason={action === 'reactivate' ? 'optional' : 'required'}
      isRunning={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={({ typed, reason }) =>
        change.mutate(
          {
            environmentId: environment.id,
            tenantId: tenant.id,
            // Only reactivating does without one, and it does not take an empty text.
            ...(reason === '' ? {} : { reason }),
            ...(needsTyped ? { confirmation: { typed, reason } } : {}),
          } as Parameters<typeof change.mutate>[0],
          {
            onSuccess: () => {
              notifyDone(`${tenant.name} ${words.done}`)
              onClose()
            },
          },
        )
      }
    >
      <Text size="sm">{words.text}</Text>
    </ConfirmDialog>
  )
}
