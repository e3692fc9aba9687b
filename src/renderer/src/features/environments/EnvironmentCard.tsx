import { Button, Menu } from '@mantine/core'
import { IconDots, IconPencil, IconPlugConnected, IconTrash } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { type Environment, STORES, type StoreName } from '#shared/contract/environment.model.ts'
import { usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { STORE_TITLES } from '../../lib/stores.ts'
import { addressOf } from './address.ts'
import classes from './environments.module.css'
import { StoreTestResult } from './StoreTestResult.tsx'

const DeleteEnvironment = lazy(() => import('./DeleteEnvironment.tsx'))

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const

export function EnvironmentCard({ environment }: { environment: Environment }) {
  const [, navigate] = useLocation()
  const [isDeleting, setDeleting] = useState(false)
  const test = useMutationOperation('environments.test')
  const permission = usePermission('environments.update', undefined)
  const stores = STORES.filter(store => environment.stores[store] !== undefined)
  return (
    <li className={classes.card} data-class={environment.class}>
      <div className={classes.cardHead}>
        <EnvironmentBadge value={environment.class} />
        <h2 className="truncate" title={environment.name}>
          {environment.name}
        </h2>
        <span className={classes.soft}>as {environment.role}</span>
        <div style={{ flex: 1 }} />
        <Button
          variant="default"
          leftSection={<IconPlugConnected {...ICON} />}
          loading={test.isPending}
          disabled={stores.length === 0}
          onClick={() => test.mutate({ environmentId: environment.id })}
        >
          Test
        </Button>
        <Button variant="default" component={Link} href={paths.tenants(environment.id)}>
          Open
        </Button>
        <Menu position="bottom-end" width={170}>
          <Menu.Target>
            <Button variant="default" px={8} aria-label={`Actions for ${environment.name}`}>
              <IconDots {...ICON} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPencil {...ICON} />}
              onClick={() => navigate(paths.editEnvironment(environment.id))}
            >
              Edit
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="var(--bad)"
              leftSection={<IconTrash {...ICON} />}
              disabled={!permission.isAllowed}
              title={permission.reason}
              onClick={() => setDeleting(true)}
            >
              Forget…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <ul className={classes.stores}>
        {stores.map(store => (
          <StoreAddress key={store} store={store} environment={environment} />
        ))}
        {stores.length === 0 && <li>No store is connected yet.</li>}
      </ul>
      {test.data?.map(result => (
        <StoreTestResult key={result.store} result={result} isNamed />
      ))}
      <Suspense>
        {isDeleting && <DeleteEnvironment environment={environment} onClose={() => setDeleting(false)} />}
      </Suspense>
    </li>
  )
}

function StoreAddress({ store, environment }: { store: StoreName; environment: Environment }) {
  const address = addressOf(store, environment.stores)
  const place = environment.secrets[store]
  return (
    <li data-tip={`${STORE_TITLES[store]}: ${address}`}>
      <StoreIcon store={store} size={16} />
      <span className="mono truncate">{address}</span>
      {place === 'session' && <span>· password for this session</span>}
      {place === 'missing' && <span style={{ color: 'var(--bad)' }}>· password missing</span>}
    </li>
  )
}
