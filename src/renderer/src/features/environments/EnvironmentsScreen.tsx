import { Anchor, Button, Group, Text } from '@mantine/core'
import { IconFileImport, IconPlus } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import type { Environment } from '#shared/contract/environment.model.ts'
import { useCurrentEnvironment, usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import { Notice } from '../../components/Notice.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { formatPlural } from '../../lib/format.ts'
import { environmentColumns } from './environment-columns.tsx'
import classes from './environments.module.css'
import { FirstSteps } from './FirstSteps.tsx'
import { storesMissingSecret, written } from './secret-state.ts'

const keyOf = (environment: Environment): string => environment.id

/** All environments: what they are, which stores they have and where their secrets rest. */
export default function EnvironmentsScreen() {
  const list = useOperation('environments.list', {})
  const current = useCurrentEnvironment()
  const [, navigate] = useLocation()
  const mayCreate = usePermission('environments.create', undefined)
  const columns = useMemo(() => environmentColumns(current?.id), [current?.id])
  useShortcut('n', 'New environment', () => {
    if (mayCreate.isAllowed) navigate(paths.newEnvironment)
  })
  const isEmpty = list.data?.length === 0
  return (
    <Screen
      title="Environments"
      layout={list.data === undefined || isEmpty ? 'page' : 'fill'}
      aside={
        list.data !== undefined &&
        !isEmpty && (
          <Text size="sm" c="dimmed" className="numeric" role="status">
            {formatPlural(list.data.length, 'environment')}
          </Text>
        )
      }
      actions={isEmpty ? undefined : <Actions isLocked={!mayCreate.isAllowed} reason={mayCreate.reason} />}
    >
      {list.data === undefined ? (
        list.error === null ? (
          <SkeletonRows rows={6} columns={6} />
        ) : (
          <ErrorPanel
            error={list.error}
            title="The environments could not be read"
            onRetry={() => void list.refetch()}
            isRetrying={list.isFetching}
          />
        )
      ) : isEmpty ? (
        <FirstSteps />
      ) : (
        <>
          <MissingSecrets environments={list.data} />
          <DataGrid
            label="Environments"
            mode="row"
            columns={columns}
            rows={list.data}
            rowKey={keyOf}
            total={list.data.length}
            onOpen={environment => navigate(paths.tenants(environment.id))}
          />
        </>
      )}
    </Screen>
  )
}

function Actions({ isLocked, reason }: { isLocked: boolean; reason: string | undefined }) {
  const [, navigate] = useLocation()
  return (
    <Group gap={8} wrap="nowrap" title={reason}>
      <Button
        variant="default"
        disabled={isLocked}
        leftSection={<IconFileImport size={16} aria-hidden />}
        onClick={() => navigate(paths.importEnvironment)}
      >
        Import
      </Button>
      <Button
        disabled={isLocked}
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => navigate(paths.newEnvironment)}
      >
        New environment
      </Button>
    </Group>
  )
}

/** Stores that cannot be reached until somebody enters their secret again. */
function MissingSecrets({ environments }: { environments: readonly Environment[] }) {
  const incomplete = environments.filter(environment => storesMissingSecret(environment).length > 0)
  if (incomplete.length === 0) return null
  return (
    <div className={classes.notice}>
      <Notice meaning="warn">
        <strong>Secrets are missing.</strong> They are no longer in the keychain, or were kept for an earlier session
        only. Until they are entered again, these stores cannot be reached:
        <ul className={classes.missing}>
          {incomplete.map(environment => (
            <li key={environment.id}>
              <Anchor component={Link} href={paths.editEnvironment(environment.id)} c="inherit" underline="always">
                {environment.name}
              </Anchor>
              : {written(storesMissingSecret(environment))}
            </li>
          ))}
        </ul>
      </Notice>
    </div>
  )
}
