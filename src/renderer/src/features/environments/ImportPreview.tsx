import { Text, Title } from '@mantine/core'
import { STORES } from '#shared/contract/environment.model.ts'
import type { ImportPreview as Preview } from '#shared/contract/environments.ts'
import { Notice } from '../../components/Notice.tsx'
import { StateMark } from '../../components/StateMark.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { storeAddress } from '../../lib/store-address.ts'
import { STORE_TITLES } from '../../lib/stores.ts'
import classes from './import.module.css'

/** What an import would set. Secrets are only said to be there. */
export function ImportPreview({ preview }: { preview: Preview }) {
  const stores = STORES.filter(store => preview.stores[store] !== undefined)
  return (
    <section className={classes.section} aria-label="What was found">
      <header className={classes.head}>
        <Title order={2}>What was found</Title>
      </header>
      {stores.length === 0 && (
        <Text size="sm" className={classes.row}>
          No variable names a store. Known are DATABASE_URL or PG*, MONGODB_URI, REDIS_URL or REDIS_HOST, and S3_BUCKET
          with AWS_*.
        </Text>
      )}
      <ul className={classes.list}>
        {stores.map(store => (
          <li key={store} className={classes.row}>
            <StoreIcon store={store} />
            <div className={classes.store}>
              <div className={classes.storeName}>{STORE_TITLES[store]}</div>
              <div className={`mono ${classes.address}`}>{storeAddress(store, preview.stores)}</div>
            </div>
            <SecretMark isFound={preview.secretsFound.includes(store)} isKey={store === 'backup'} />
          </li>
        ))}
      </ul>
      {preview.problems.length > 0 && (
        <div className={classes.row}>
          <div className={classes.grow}>
            <Notice meaning="warn">
              <strong>Not everything could be used.</strong>
              <ul className={classes.problems}>
                {preview.problems.map(problem => (
                  <li key={problem}>{problem}</li>
                ))}
              </ul>
            </Notice>
          </div>
        </div>
      )}
      {preview.used.length > 0 && (
        <div className={classes.used}>
          <span>Used:</span>
          {preview.used.map(name => (
            <code key={name}>{name}</code>
          ))}
        </div>
      )}
    </section>
  )
}

function SecretMark({ isFound, isKey }: { isFound: boolean; isKey: boolean }) {
  const what = isKey ? 'secret key' : 'password'
  return isFound ? (
    <StateMark meaning="ok">{`${what} found`}</StateMark>
  ) : (
    <StateMark meaning="quiet">{`no ${what}`}</StateMark>
  )
}
