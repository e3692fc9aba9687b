import { Text } from '@mantine/core'
import { type Environment, STORES } from '#shared/contract/environment.model.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { Notice } from '../../components/Notice.tsx'
import { formatPlural } from '../../lib/format.ts'
import { notifyDone } from '../../lib/notify.tsx'

interface DeleteEnvironmentProps {
  environment: Environment
  onClose: () => void
  onDeleted?: () => void
}

/** Forgets an environment: its settings and secrets go, its stores stay. */
export default function DeleteEnvironment({ environment, onClose, onDeleted }: DeleteEnvironmentProps) {
  const remove = useMutationOperation('environments.delete', { isQuiet: true })
  const isProduction = environment.class === 'production'
  const done = () => {
    notifyDone(`${environment.name} was deleted`)
    onClose()
    onDeleted?.()
  }
  return (
    <ConfirmDialog
      title={`Delete ${environment.name}`}
      actionLabel="Delete the environment"
      keepLabel="Keep it"
      isDestructive
      expected={isProduction ? environment.name : undefined}
      reason={isProduction ? 'required' : 'none'}
      reasonNote="Kept in the audit log."
      isRunning={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={({ typed, reason }) =>
        remove.mutate(
          { environmentId: environment.id, ...(isProduction ? { confirmation: { typed, reason } } : {}) },
          { onSuccess: done },
        )
      }
    >
      <Notice meaning="bad">
        <strong>{lossOf(environment)} will be lost.</strong> To work with this system again, they have to be entered
        anew.
      </Notice>
      <Text size="sm">The stores themselves are not touched: every tenant, table and backup stays where it is.</Text>
    </ConfirmDialog>
  )
}

function lossOf(environment: Environment): string {
  const stores = STORES.filter(store => environment.stores[store] !== undefined).length
  const secrets = STORES.filter(store => ['keychain', 'session'].includes(environment.secrets[store])).length
  const settings = stores === 0 ? 'Its settings' : `The settings of ${formatPlural(stores, 'store')}`
  return secrets === 0 ? settings : `${settings} and ${formatPlural(secrets, 'secret')}`
}
