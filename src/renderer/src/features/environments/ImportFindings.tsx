import { Text } from '@mantine/core'
import { STORES } from '#shared/contract/environment.model.ts'
import type { ImportPreview } from '#shared/contract/environments.ts'
import { Notice } from '../../components/Notice.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { STORE_TITLES } from '../../lib/stores.ts'
import { addressOf } from './address.ts'
import classes from './environments.module.css'

/** What an import would set; passwords are only said to be there. */
export function ImportFindings({ found }: { found: ImportPreview }) {
  const stores = STORES.filter(store => found.stores[store] !== undefined)
  if (stores.length === 0 && found.problems.length === 0) return null
  return (
    <section className={classes.section} aria-label="What was found">
      {stores.map(store => (
        <div key={store} className={classes.sectionHead}>
          <StoreIcon store={store} />
          <div style={{ flex: 1, minWidth: 0 }}>
            <h2>{STORE_TITLES[store]}</h2>
            <Text size="sm" className="mono truncate">
              {addressOf(store, found.stores)}
            </Text>
          </div>
          <Text size="xs" c="dimmed">
            {found.secretsFound.includes(store) ? 'password found' : 'no password'}
          </Text>
        </div>
      ))}
      {found.problems.length > 0 && (
        <div className={classes.sectionBody} style={{ paddingTop: 12 }}>
          <Notice meaning="warn">
            <ul style={{ margin: 0, paddingLeft: 16 }}>
              {found.problems.map(problem => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </Notice>
        </div>
      )}
    </section>
  )
}
