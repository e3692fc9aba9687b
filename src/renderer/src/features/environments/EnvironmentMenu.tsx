import { ActionIcon, Menu } from '@mantine/core'
import { IconDots, IconExternalLink, IconHeartbeat, IconPencil, IconTrash } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'wouter'
import type { Environment } from '#shared/contract/environment.model.ts'
import { usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'

const DeleteEnvironment = lazy(() => import('./DeleteEnvironment.tsx'))

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const

/** What can be done with an environment. */
export function EnvironmentMenu({ environment }: { environment: Environment }) {
  const [isDeleting, setDeleting] = useState(false)
  // Settings belong to the installation: the role inside of the environment does not limit who changes them.
  const mayDelete = usePermission('environments.delete', undefined)
  return (
    <>
      <Menu position="bottom-end" width={210}>
        <Menu.Target>
          <ActionIcon size={26} tabIndex={-1} data-row-menu aria-label={`Actions for ${environment.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} href={paths.tenants(environment.id)} leftSection={<IconExternalLink {...ICON} />}>
            Open
          </Menu.Item>
          <Menu.Item
            component={Link}
            href={paths.editEnvironment(environment.id)}
            leftSection={<IconPencil {...ICON} />}
          >
            Edit
          </Menu.Item>
          <Menu.Item component={Link} href={paths.health(environment.id)} leftSection={<IconHeartbeat {...ICON} />}>
            Check its health
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconTrash {...ICON} />}
            color="var(--bad)"
            disabled={!mayDelete.isAllowed}
            title={mayDelete.reason}
            onClick={() => setDeleting(true)}
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {isDeleting && <DeleteEnvironment environment={environment} onClose={() => setDeleting(false)} />}
      </Suspense>
    </>
  )
}
