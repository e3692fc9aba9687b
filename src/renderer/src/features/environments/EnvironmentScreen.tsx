import { Loader } from '@mantine/core'
import { useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { EnvironmentForm } from './EnvironmentForm.tsx'

/** Creates an environment, or edits the one with this id. */
export default function EnvironmentScreen({ environmentId }: { environmentId?: string }) {
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  const saved = useOperation('environments.get', environmentId === undefined ? undefined : { environmentId })
  const error = saved.error ?? info.error
  const isWaiting = info.data === undefined || (environmentId !== undefined && saved.data === undefined)
  if (!isWaiting) return <EnvironmentForm keychain={info.data.keychain} environment={saved.data} />
  return (
    <Screen title="Environment">
      {error === null ? (
        <Loader size={18} aria-label="Loading" />
      ) : (
        <ErrorPanel error={error} title="The environment could not be read" onRetry={() => void saved.refetch()} />
      )}
    </Screen>
  )
}
