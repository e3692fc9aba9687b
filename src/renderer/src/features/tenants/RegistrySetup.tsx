import { Button, Text } from '@mantine/core'
import { IconDatabaseCog } from '@tabler/icons-react'
import { z } from 'zod'
import { isAppError } from '#shared/errors.ts'
import { useEnvironment, usePermission } from '../../app/environment.tsx'
import { useMutationOperation, useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { StateMark } from '../../components/StateMark.tsx'
import { formatPlural } from '../../lib/format.ts'
import { notifyDone } from '../../lib/notify.tsx'
import classes from './registry-setup.module.css'

const Missing = z.object({ reason: z.enum(['registry-missing', 'registry-behind']) })

/** The database can be reached, but the tables that list its tenants are not there, or an older console made them. */
export const isRegistryMissing = (error: unknown): boolean =>
  isAppError(error) && error.code === 'NOT_FOUND' && Missing.safeParse(error.details).success

export function RegistrySetup() {
  const environment = useEnvironment()
  const status = useOperation('migrations.status', { environmentId: environment.id })
  const setUp = useMutationOperation('migrations.migrateRegistry', { isQuiet: true })
  const permission = usePermission('migrations.migrateRegistry', environment)
  const schema = environment.stores.postgres?.registrySchema ?? 'public'
  const start = () =>
    setUp.mutate(
      { environmentId: environment.id },
      {
        onSuccess: report =>
          notifyDone('The registry is set up', `${formatPlural(report.applied.length, 'migration')} applied.`),
      },
    )
  const isBehind = status.data?.registry.some(migration => migration.state === 'applied') === true
  const place = (
    <>
      the schema <span className="mono">{schema}</span> of the database{' '}
      <span className="mono">{environment.stores.postgres?.database}</span>
    </>
  )
  return (
    <Screen title="Tenants">
      <Empty
        icon={IconDatabaseCog}
        title={isBehind ? 'The registry is of an older Tenantry' : 'This database has no registry yet'}
        description={
          isBehind ? (
            <>Bringing it up to date adds tables and columns in {place}; tenants stay as they are.</>
          ) : (
            <>
              The registry lists the tenants. Setting it up makes its tables in {place}; nothing that is there is
              changed.
            </>
          )
        }
        actions={
          <Button loading={setUp.isPending} disabled={!permission.isAllowed} onClick={start}>
            {isBehind ? 'Bring the registry up to date' : 'Set up the registry'}
          </Button>
        }
      />
      <div className={classes.center}>
        {permission.reason !== undefined && (
          <Text size="sm" c="dimmed">
            {permission.reason}
          </Text>
        )}
        {setUp.error !== null && <ErrorPanel error={setUp.error} title="The registry could not be set up" />}
        {status.data !== undefined && (
          <ul className={classes.migrations} aria-label="Registry migrations">
            {status.data.registry.map(migration => (
              <li key={migration.version}>
                <span className="mono">
                  {String(migration.version).padStart(4, '0')}_{migration.name}
                </span>
                <StateMark
                  meaning={migration.state === 'applied' ? 'ok' : migration.state === 'pending' ? 'quiet' : 'bad'}
                >
                  {migration.state}
                </StateMark>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Screen>
  )
}
