import { Anchor } from '@mantine/core'
import { Link } from 'wouter'
import { z } from 'zod'
import type { StoreHealth } from '#shared/contract/health.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { type Meaning, StateMark } from '../../components/StateMark.tsx'
import { StoreFailure } from '../../components/StoreFailure.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { storeAddress } from '../../lib/store-address.ts'
import { STORE_TITLES } from '../../lib/stores.ts'
import { Figure } from './Figure.tsx'
import classes from './health.module.css'

type PresentState = Exclude<StoreHealth['state'], 'absent'>

const MEANING: Record<PresentState, Meaning> = { ok: 'ok', warning: 'warn', failed: 'bad' }
const WORD: Record<PresentState, string> = { ok: 'Healthy', warning: 'Needs a look', failed: 'Failed' }

const SecretDetails = z.object({ reason: z.enum(['secret', 'keychain']) })

/** One store: how it is, where it is, and its figures. */
export function StoreHealthCard({ health }: { health: StoreHealth }) {
  const environment = useEnvironment()
  const { store, state, latencyMs, error, figures } = health
  if (state === 'absent') return null
  const address = storeAddress(store, environment.stores)
  const isSecretMissing = SecretDetails.safeParse(error?.details).success
  return (
    <section className={classes.card} aria-label={STORE_TITLES[store]} data-state={state}>
      <header className={classes.cardHead}>
        <StoreIcon store={store} />
        <div className={classes.cardTitle}>
          <h2>{STORE_TITLES[store]}</h2>
          <div className={`mono truncate ${classes.address}`} title={address}>
            {address}
          </div>
        </div>
        {latencyMs !== null && (
          <span
            className={classes.latency}
            data-tip={store === 'backup' ? 'To write a small object' : 'One round trip'}
          >
            {latencyMs} ms
          </span>
        )}
        <StateMark meaning={MEANING[state]} form="pill">
          {WORD[state]}
        </StateMark>
      </header>
      {error !== null && (
        <>
          <StoreFailure error={error} />
          <div className={classes.way}>
            <Anchor component={Link} href={paths.editEnvironment(environment.id)}>
              {isSecretMissing ? 'Enter the secret again' : 'Edit its connection'}
            </Anchor>
            <span className="mono">
              {error.code} · {error.id.slice(0, 8)}
            </span>
          </div>
        </>
      )}
      {figures.length > 0 && (
        <dl className={classes.figures}>
          {figures.map(figure => (
            <Figure key={figure.name} figure={figure} />
          ))}
        </dl>
      )}
    </section>
  )
}
