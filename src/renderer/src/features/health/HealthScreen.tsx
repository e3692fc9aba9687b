import { Button, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useEnvironment } from '../../app/environment.tsx'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import classes from './health.module.css'
import { StoreHealthCard } from './StoreHealthCard.tsx'

/** How the stores of the environment are doing. */
export default function HealthScreen() {
  const environment = useEnvironment()
  const health = useOperation('health.check', { environmentId: environment.id }, { staleTime: 5_000 })
  const check = () => void health.refetch()
  useShortcut('r', 'Check again', check)
  return (
    <Screen
      title="Health"
      aside={
        health.data !== undefined && (
          <Text size="sm" c="dimmed" role="status">
            {health.isFetching ? (
              'Checking…'
            ) : (
              <>
                Checked <Timestamp value={health.data.checkedAt} />
              </>
            )}
          </Text>
        )
      }
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={15} aria-hidden />}
          loading={health.isFetching}
          onClick={check}
        >
          Check again
        </Button>
      }
    >
      {health.data === undefined ? (
        health.error === null ? (
          <SkeletonRows rows={8} columns={3} />
        ) : (
          <ErrorPanel
            error={health.error}
            title="The environment could not be checked"
            onRetry={check}
            isRetrying={health.isFetching}
          />
        )
      ) : (
        <div className={classes.cards}>
          {health.data.stores.map(store => (
            <StoreHealthCard key={store.store} health={store} />
          ))}
        </div>
      )}
    </Screen>
  )
}
