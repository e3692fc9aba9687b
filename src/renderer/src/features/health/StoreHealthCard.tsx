import { Anchor, Progress, Text } from '@mantine/core'
import { Link } from 'wouter'
import type { StoreHealth } from '#shared/contract/health.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { type Meaning, StateMark } from '../../components/StateMark.tsx'
import { StoreFailure } from '../../components/StoreFailure.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { formatShare } from '../../lib/format.ts'
import { STORE_PURPOSES, STORE_TITLES } from '../../lib/stores.ts'
import { writeFigure } from './figure.ts'
import classes from './health.module.css'

type State = StoreHealth['state']

const MEANING: Record<State, Meaning> = { ok: 'ok', warning: 'warn', failed: 'bad', absent: 'quiet' }
const WORD: Record<State, string> = {
  ok: 'Healthy',
  warning: 'Needs a look',
  failed: 'Failed',
  absent: 'Not connected',
}
/** From here on the bar of a figure warns, as the check itself does. */
const WARNING_SHARE = 0.8

export function StoreHealthCard({ health }: { health: StoreHealth }) {
  const environment = useEnvironment()
  return (
    <section className={classes.card} aria-label={STORE_TITLES[health.store]} data-state={health.state}>
      <header className={classes.cardHead}>
        <StoreIcon store={health.store} />
        <div style={{ flex: 1, minWidth: 0 }}>
          <h2>{STORE_TITLES[health.store]}</h2>
          <Text size="xs" c="dimmed">
            {STORE_PURPOSES[health.store]}
          </Text>
        </div>
        {health.latencyMs !== null && (
          <span className={classes.latency} data-tip="One round trip">
            {health.latencyMs} ms
          </span>
        )}
        <StateMark meaning={MEANING[health.state]} form="pill">
          {WORD[health.state]}
        </StateMark>
      </header>
      {health.state === 'absent' && (
        <Text size="sm" c="dimmed" className={classes.empty}>
          This environment names no such store.{' '}
          <Anchor component={Link} href={paths.editEnvironment(environment.id)}>
            Connect one
          </Anchor>
        </Text>
      )}
      {health.error !== null && <StoreFailure error={health.error} />}
      {health.figures.length > 0 && (
        <dl className={classes.figures}>
          {health.figures.map(figure => (
            <div key={figure.name} className={classes.figure}>
              <dt>{figure.name}</dt>
              <dd>{writeFigure(figure)}</dd>
              {figure.share !== null && (
                <Progress
                  className={classes.share ?? ''}
                  value={figure.share * 100}
                  size={5}
                  color={figure.share >= WARNING_SHARE ? 'yellow.7' : 'iris'}
                  aria-label={`${figure.name}: ${formatShare(figure.share)} in use`}
                />
              )}
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
