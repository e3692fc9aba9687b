import { Button, Text, Title } from '@mantine/core'
import { IconFileImport, IconPlus } from '@tabler/icons-react'
import { Link } from 'wouter'
import { STORES } from '#shared/contract/environment.model.ts'
import { usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { Logo } from '../../components/Logo.tsx'
import { Notice } from '../../components/Notice.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { STORE_PURPOSES, STORE_TITLES } from '../../lib/stores.ts'
import classes from './first-steps.module.css'

/** Where there is no environment: what one is, and the two ways to make one. */
export function FirstSteps() {
  const permission = usePermission('environments.create', undefined)
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  return (
    <div className={classes.steps}>
      <Logo size={48} />
      <Title order={2} className={classes.title}>
        Administer every tenant from one place
      </Title>
      <Text c="dimmed" className={classes.text}>
        An environment names the stores of one system. Begin with one; stores can be added to it later.
      </Text>
      <ul className={classes.stores} aria-label="Stores of an environment">
        {STORES.map(store => (
          <li key={store}>
            <StoreIcon store={store} />
            <span>
              <strong>{STORE_TITLES[store]}</strong>
              <Text size="xs" c="dimmed" component="span">
                {STORE_PURPOSES[store]}
              </Text>
            </span>
          </li>
        ))}
      </ul>
      {permission.isAllowed ? (
        <>
          <div className={classes.actions}>
            <Button component={Link} href={paths.newEnvironment} leftSection={<IconPlus size={16} aria-hidden />}>
              Create an environment
            </Button>
            <Button
              component={Link}
              href={paths.importEnvironment}
              variant="default"
              leftSection={<IconFileImport size={16} aria-hidden />}
            >
              Import variables or an env file
            </Button>
          </div>
          {info.data !== undefined && (
            <Text size="sm" c="dimmed">
              {info.data.keychain.available
                ? 'Passwords rest in the keychain of this computer, never in a file.'
                : 'There is no keychain here: passwords are kept in memory until the console ends, never in a file.'}
            </Text>
          )}
        </>
      ) : (
        <Notice meaning="info">The first environment has to be created by a dba. {permission.reason}</Notice>
      )}
    </div>
  )
}
