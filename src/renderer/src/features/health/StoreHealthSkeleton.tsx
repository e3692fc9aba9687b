import { Skeleton } from '@mantine/core'
import type { StoreName } from '#shared/contract/environment.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { StateMark } from '../../components/StateMark.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { storeAddress } from '../../lib/store-address.ts'
import { STORE_TITLES } from '../../lib/stores.ts'
import { useDelayed } from '../../lib/use-delayed.ts'
import classes from './health.module.css'

/** Figures that most stores have. */
const FIGURES = ['one', 'two', 'three', 'four'] as const

/** A store that is being asked, once that takes long enough to be noticed. */
export function StoreHealthSkeleton({ store }: { store: StoreName }) {
  const environment = useEnvironment()
  const isShown = useDelayed()
  if (!isShown) return null
  return (
    <section className={classes.card} aria-label={STORE_TITLES[store]} aria-busy="true">
      <header className={classes.cardHead}>
        <StoreIcon store={store} />
        <div className={classes.cardTitle}>
          <h2>{STORE_TITLES[store]}</h2>
          <div className={`mono truncate ${classes.address}`}>{storeAddress(store, environment.stores)}</div>
        </div>
        <StateMark meaning="info" form="pill" isBusy>
          Checking
        </StateMark>
      </header>
      <div className={classes.figures}>
        {FIGURES.map(figure => (
          <div key={figure} className={classes.figure}>
            <Skeleton height={9} width={72} radius={4} mt={4} />
            <Skeleton height={12} width={118} radius={4} mt={8} mb={3} />
          </div>
        ))}
      </div>
    </section>
  )
}
