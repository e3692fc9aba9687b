import { Button, Switch } from '@mantine/core'
import { IconPlugConnected, IconRefresh } from '@tabler/icons-react'
import { Link } from 'wouter'
import { STORES } from '#shared/contract/environment.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useViewState } from '../../app/view-state.ts'
import { useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Notice } from '../../components/Notice.tsx'
import { Screen } from '../../components/Screen.tsx'
import { AbsentStores } from './AbsentStores.tsx'
import { HealthSummary } from './HealthSummary.tsx'
import classes from './health.module.css'
import { StoreHealthCard } from './StoreHealthCard.tsx'
import { StoreHealthSkeleton } from './StoreHealthSkeleton.tsx'
import { CHECK_EVERY_MS, useRepeatedly } from './use-repeatedly.ts'

/** How the stores of the environment are doing. */
export default function HealthScreen() {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const health = useOperation('health.check', { environmentId: environment.id }, { staleTime: 5_000 })
  const present = STORES.filter(store => environment.stores[store] !== undefined)
  const absent = STORES.filter(store => environment.stores[store] === undefined)
  const isRepeated = params.get('auto') === '1'
  const check = () => void health.refetch()
  useShortcut('r', 'Check again', check)
  useRepeatedly(isRepeated && present.length > 0 && !health.isFetching, check)
  return (
    <Screen
      title="Health"
      aside={
        health.data !== undefined &&
        present.length > 0 && <HealthSummary health={health.data} isChecking={health.isFetching} />
      }
      actions={
        present.length > 0 && (
          <>
            <Switch
              label={`Check every ${CHECK_EVERY_MS / 1_000} s`}
              labelPosition="left"
              mr={8}
              checked={isRepeated}
              onChange={event => setView({ auto: event.currentTarget.checked ? '1' : undefined })}
            />
            <Button
              variant="default"
              leftSection={<IconRefresh size={15} aria-hidden />}
              loading={health.isFetching}
              data-tip="Check again (r)"
              onClick={check}
            >
              Check again
            </Button>
          </>
        )
      }
    >
      {present.length === 0 ? (
        <Empty
          icon={IconPlugConnected}
          title="No stores to check"
          description={`${environment.name} has no store yet. Add the ones its system uses.`}
          actions={
            <Button component={Link} href={paths.editEnvironment(environment.id)}>
              Add a store
            </Button>
          }
        />
      ) : health.data === undefined && health.error !== null ? (
        <ErrorPanel
          error={health.error}
          title="The environment could not be checked"
          onRetry={check}
          isRetrying={health.isFetching}
        />
      ) : (
        <div className={classes.content}>
          {health.data !== undefined && health.error !== null && (
            <Notice meaning="warn">
              <strong>The last check failed:</strong> {health.error.message} What is shown is older.
            </Notice>
          )}
          <div className={classes.cards}>
            {health.data === undefined
              ? present.map(store => <StoreHealthSkeleton key={store} store={store} />)
              : health.data.stores
                  .filter(store => store.state !== 'absent')
                  .map(store => <StoreHealthCard key={store.store} health={store} />)}
          </div>
          <AbsentStores stores={absent} />
        </div>
      )}
    </Screen>
  )
}
