import { Anchor } from '@mantine/core'
import { Link } from 'wouter'
import { type Environment, STORES } from '#shared/contract/environment.model.ts'
import { paths } from '../../app/paths.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import type { GridColumn } from '../../components/grid/types.ts'
import { StateMark } from '../../components/StateMark.tsx'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { storeAddress } from '../../lib/store-address.ts'
import { STORE_TITLES } from '../../lib/stores.ts'
import { EnvironmentMenu } from './EnvironmentMenu.tsx'
import classes from './environments.module.css'
import { secretState } from './secret-state.ts'

/** The columns of the list. @param currentId the environment that the window shows */
export function environmentColumns(currentId: string | undefined): GridColumn<Environment>[] {
  return [
    {
      id: 'name',
      title: 'Environment',
      width: 190,
      canGrow: true,
      copyText: environment => environment.name,
      render: environment => <Name environment={environment} isCurrent={environment.id === currentId} />,
    },
    {
      id: 'class',
      title: 'Class',
      width: 124,
      copyText: environment => environment.class,
      render: environment => <EnvironmentBadge value={environment.class} />,
    },
    {
      id: 'role',
      title: 'Your role',
      width: 84,
      copyText: environment => environment.role,
      render: environment => environment.role,
    },
    {
      id: 'stores',
      title: 'Stores',
      width: 352,
      render: environment => <StoreNames environment={environment} />,
    },
    {
      id: 'secrets',
      title: 'Secrets',
      hint: 'Where passwords and keys rest',
      width: 148,
      render: environment => <Secrets environment={environment} />,
    },
    {
      id: 'updated',
      title: 'Changed',
      width: 108,
      render: environment => <Timestamp value={environment.updatedAt} />,
    },
    {
      id: 'menu',
      title: '',
      width: 50,
      isEnd: true,
      render: environment => <EnvironmentMenu environment={environment} />,
    },
  ]
}

function Name({ environment, isCurrent }: { environment: Environment; isCurrent: boolean }) {
  return (
    <>
      <Anchor
        component={Link}
        href={paths.tenants(environment.id)}
        tabIndex={-1}
        className={classes.name}
        title={environment.name}
      >
        {environment.name}
      </Anchor>
      {isCurrent && <span className={classes.current}>in use</span>}
    </>
  )
}

function StoreNames({ environment }: { environment: Environment }) {
  const present = STORES.filter(store => environment.stores[store] !== undefined)
  if (present.length === 0) return <span className={classes.soft}>none</span>
  return (
    <span className={classes.stores}>
      {present.map(store => (
        <span key={store} className={classes.store} data-tip={storeAddress(store, environment.stores)}>
          <StoreIcon store={store} size={14} />
          {store === 'backup' ? 'Backups' : STORE_TITLES[store]}
        </span>
      ))}
    </span>
  )
}

function Secrets({ environment }: { environment: Environment }) {
  const { meaning, word, detail } = secretState(environment)
  return (
    <span data-tip={detail}>
      <StateMark meaning={meaning}>{word}</StateMark>
    </span>
  )
}
