import { Anchor, Text } from '@mantine/core'
import { Link } from 'wouter'
import type { StoreName } from '#shared/contract/environment.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { STORE_TITLES } from '../../lib/stores.ts'
import classes from './health.module.css'

/** Stores that the environment does not have; no fault, so said quietly. */
export function AbsentStores({ stores }: { stores: readonly StoreName[] }) {
  const environment = useEnvironment()
  if (stores.length === 0) return null
  return (
    <section className={classes.absent} aria-label="Stores that are not connected">
      <Text size="sm" c="dimmed">
        Not part of this environment:
      </Text>
      <ul>
        {stores.map(store => (
          <li key={store}>
            <StoreIcon store={store} size={15} />
            {STORE_TITLES[store]}
          </li>
        ))}
      </ul>
      <Anchor component={Link} href={paths.editEnvironment(environment.id)}>
        Add in its settings
      </Anchor>
    </section>
  )
}
