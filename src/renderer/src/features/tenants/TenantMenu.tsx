import { Button, Menu } from '@mantine/core'
import {
  IconArchive,
  IconChevronDown,
  IconEraser,
  IconExternalLink,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTable,
  IconTimeline,
  IconTrash,
} from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import { Link } from 'wouter'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment, usePermission } from '../../app/environment.tsx'
import { lazyPart } from '../../app/lazy-part.ts'
import { paths } from '../../app/paths.ts'
import { RowMenu } from '../../components/grid/RowMenu.tsx'
import { actionsFor, isDestructive, type TenantAction } from './tenant-actions.ts'

const TenantDialog = lazyPart(() => import('./TenantDialog.tsx'))

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const

const MENU_WIDTH = 210

const LOOK: Record<TenantAction, { label: string; icon: React.ReactNode }> = {
  retry: { label: 'Provision again', icon: <IconRefresh {...ICON} /> },
  reactivate: { label: 'Reactivate…', icon: <IconPlayerPlay {...ICON} /> },
  suspend: { label: 'Suspend…', icon: <IconPlayerPause {...ICON} /> },
  archive: { label: 'Archive…', icon: <IconArchive {...ICON} /> },
  cleanUp: { label: 'Clean up…', icon: <IconEraser {...ICON} /> },
  delete: { label: 'Delete for good…', icon: <IconTrash {...ICON} /> },
}

interface TenantMenuProps {
  tenant: TenantRow
  place: 'row' | 'page'
}

/** What can be done to a tenant: a button with a menu on its page, a menu at the end of its row in the list. */
export function TenantMenu({ tenant, place }: TenantMenuProps) {
  const [action, setAction] = useState<TenantAction>()
  const items = <MenuItems tenant={tenant} place={place} onAction={setAction} />
  return (
    <>
      {place === 'row' ? (
        <RowMenu label={`Actions for ${tenant.name}`} width={MENU_WIDTH}>
          {items}
        </RowMenu>
      ) : (
        <Menu position="bottom-end" width={MENU_WIDTH}>
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
              Actions
            </Button>
          </Menu.Target>
          <Menu.Dropdown>{items}</Menu.Dropdown>
        </Menu>
      )}
      <Suspense>
        {action !== undefined && <TenantDialog tenant={tenant} action={action} onClose={() => setAction(undefined)} />}
      </Suspense>
    </>
  )
}

function MenuItems({ tenant, place, onAction }: TenantMenuProps & { onAction: (action: TenantAction) => void }) {
  const environment = useEnvironment()
  const actions = actionsFor(tenant.status)
  const mayChange = usePermission('tenants.update', environment)
  const mayDelete = usePermission('tenants.delete', environment)
  const item = (action: TenantAction) => {
    const permission = action === 'delete' ? mayDelete : mayChange
    return (
      <Menu.Item
        key={action}
        leftSection={LOOK[action].icon}
        disabled={!permission.isAllowed}
        title={permission.reason}
        onClick={() => onAction(action)}
        {...(isDestructive(action) ? { color: 'var(--bad)' } : {})}
      >
        {LOOK[action].label}
      </Menu.Item>
    )
  }
  const gentle = actions.filter(action => !isDestructive(action))
  const destructive = actions.filter(isDestructive)
  return (
    <>
      {place === 'row' && (
        <Menu.Item
          component={Link}
          href={paths.tenant(environment.id, tenant.id)}
          leftSection={<IconExternalLink {...ICON} />}
        >
          Open
        </Menu.Item>
      )}
      <Menu.Item component={Link} href={paths.data(environment.id, tenant.id)} leftSection={<IconTable {...ICON} />}>
        Browse its data
      </Menu.Item>
      <Menu.Item
        component={Link}
        href={paths.tenant(environment.id, tenant.id, 'backups')}
        leftSection={<IconTimeline {...ICON} />}
      >
        Show its backups
      </Menu.Item>
      {gentle.length > 0 && <Menu.Divider />}
      {gentle.map(item)}
      {destructive.length > 0 && <Menu.Divider />}
      {destructive.map(item)}
    </>
  )
}
