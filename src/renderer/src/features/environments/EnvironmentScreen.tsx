import { ActionIcon } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from 'wouter'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { EnvironmentForm } from './EnvironmentForm.tsx'

/** A new environment, or the settings of one. */
export default function EnvironmentScreen({ environmentId }: { environmentId?: string | undefined }) {
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  const saved = useOperation(
    'environments.get',
    environmentId === undefined ? undefined : { environmentId },
    // What is being edited is not changed under the person's hands; opening it again reads it anew.
    { staleTime: 0 },
  )
  const environment = saved.data
  const isReady = info.data !== undefined && (environmentId === undefined || environment !== undefined)
  const failed = saved.data === undefined && saved.isError ? saved : info.isError ? info : undefined
  return (
    <Screen
      title={environmentId === undefined ? 'New environment' : (environment?.name ?? 'Environment')}
      back={
        <ActionIcon
          component={Link}
          href={paths.environments}
          aria-label="All environments"
          data-tip="All environments"
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      }
      aside={environment !== undefined && <EnvironmentBadge value={environment.class} />}
    >
      {failed !== undefined && failed.error !== null ? (
        <ErrorPanel
          error={failed.error}
          title="The environment could not be read"
          onRetry={() => void failed.refetch()}
          isRetrying={failed.isFetching}
        />
      ) : isReady && info.data !== undefined ? (
        <EnvironmentForm key={environment?.id} environment={environment} keychain={info.data.keychain} />
      ) : (
        <SkeletonRows rows={10} columns={2} />
      )}
    </Screen>
  )
}
