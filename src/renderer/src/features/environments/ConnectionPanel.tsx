import { ActionIcon, Button, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconPlugConnected, IconRefresh } from '@tabler/icons-react'
import type { StoreName } from '#shared/contract/environment.model.ts'
import type { StoreTest } from '#shared/contract/environments.ts'
import { StateMark } from '../../components/StateMark.tsx'
import { StoreFailure } from '../../components/StoreFailure.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { formatPlural } from '../../lib/format.ts'
import { shortVersion } from '../../lib/short-version.ts'
import { STORE_TITLES } from '../../lib/stores.ts'
import classes from './connection-panel.module.css'
import type { Trial, Trials } from './use-connection-test.ts'

interface ConnectionPanelProps {
  stores: readonly StoreName[]
  trials: Trials
  isRunning: boolean
  /** Whether a store was changed after its test. */
  isOld: (store: StoreName) => boolean
  onTest: (stores: readonly StoreName[]) => void
  onCancel: () => void
}

/** Tries what is in the form, saved or not, and shows each store by itself. */
export function ConnectionPanel({ stores, trials, isRunning, isOld, onTest, onCancel }: ConnectionPanelProps) {
  return (
    <aside className={classes.panel} aria-label="Connection test">
      <header className={classes.head}>
        <Title order={2}>Connection</Title>
        {isRunning ? (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={15} aria-hidden />}
            disabled={stores.length === 0}
            onClick={() => onTest(stores)}
          >
            Test connection
          </Button>
        )}
      </header>
      {stores.length === 0 ? (
        <Text size="sm" c="dimmed" className={classes.empty}>
          No store is switched on.
        </Text>
      ) : (
        <ul className={classes.list}>
          {stores.map(store => (
            <StoreTrial
              key={store}
              store={store}
              trial={trials[store]}
              isOld={isOld(store)}
              onTest={() => onTest([store])}
            />
          ))}
        </ul>
      )}
      <Text size="xs" c="dimmed" className={classes.foot}>
        Tests what is in the form; nothing is saved. The backup store is tried with a small object that is deleted
        again.
      </Text>
      <VisuallyHidden role="status">{summaryOf(stores, trials)}</VisuallyHidden>
    </aside>
  )
}

interface StoreTrialProps {
  store: StoreName
  trial: Trial | undefined
  isOld: boolean
  onTest: () => void
}

function StoreTrial({ store, trial, isOld, onTest }: StoreTrialProps) {
  const result = trial?.state === 'over' ? trial.result : undefined
  return (
    <li className={classes.store}>
      <div className={classes.storeHead}>
        <StoreIcon store={store} size={16} />
        <span className={classes.title}>{STORE_TITLES[store]}</span>
        <TrialMark trial={trial} isOld={isOld} />
        <ActionIcon
          size={24}
          aria-label={`Test ${STORE_TITLES[store]}`}
          data-tip="Test this store"
          disabled={trial?.state === 'running'}
          onClick={onTest}
        >
          <IconRefresh size={14} />
        </ActionIcon>
      </div>
      {result?.ok === true && <Found result={result} />}
      {result !== undefined && result.error !== null && (
        <div className={classes.failure} data-old={isOld}>
          <StoreFailure error={result.error} />
        </div>
      )}
      {trial?.state === 'invalid' && (
        <Text size="sm" c="dimmed" className={classes.detail}>
          Complete the marked fields first.
        </Text>
      )}
    </li>
  )
}

function TrialMark({ trial, isOld }: { trial: Trial | undefined; isOld: boolean }) {
  if (trial === undefined) return <StateMark meaning="quiet">Not tested</StateMark>
  if (trial.state === 'invalid') return <StateMark meaning="warn">Not complete</StateMark>
  if (trial.state === 'running') {
    return (
      <StateMark meaning="info" isBusy>
        Testing…
      </StateMark>
    )
  }
  if (isOld) return <StateMark meaning="quiet">Changed since</StateMark>
  return trial.result.ok ? <StateMark meaning="ok">Connected</StateMark> : <StateMark meaning="bad">Failed</StateMark>
}

function Found({ result: { serverVersion, latencyMs, detail } }: { result: StoreTest }) {
  const facts = [
    serverVersion === null ? undefined : `Version ${shortVersion(serverVersion)}`,
    latencyMs === null ? undefined : `${latencyMs} ms`,
  ].filter(fact => fact !== undefined)
  return (
    <div className={classes.detail}>
      {facts.length > 0 && (
        <div className="numeric" title={serverVersion ?? undefined}>
          {facts.join(' · ')}
        </div>
      )}
      {detail !== null && <div className={classes.soft}>{detail}</div>}
    </div>
  )
}

function summaryOf(stores: readonly StoreName[], trials: Trials): string {
  const over = stores.flatMap(store => {
    const trial = trials[store]
    return trial?.state === 'over' ? [trial.result] : []
  })
  if (over.length === 0) return ''
  const good = over.filter(result => result.ok).length
  return `${good} of ${formatPlural(over.length, 'tested store')} connected`
}
