import { Menu, UnstyledButton } from '@mantine/core'
import { IconCheck, IconPlus, IconSelector, IconServerCog } from '@tabler/icons-react'
import { Link, useLocation } from 'wouter'
import { useOperation } from '../../client/hooks.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import { useCurrentEnvironment } from '../environment.tsx'
import { paths } from '../paths.ts'
import classes from './shell.module.css'
import { useSwitchEnvironment } from './use-switch-environment.ts'

const ICON = { size: 16, stroke: 1.8, 'aria-hidden': true } as const

export function EnvironmentSwitcher() {
  const list = useOperation('environments.list', {})
  const current = useCurrentEnvironment()
  const switchTo = useSwitchEnvironment()
  const [, navigate] = useLocation()
  if (current === undefined) return null
  return (
    <Menu position="bottom-start" width={340}>
      <Menu.Target>
        <UnstyledButton className={classes.switcher} aria-label={`Environment ${current.name}, ${current.class}`}>
          <EnvironmentBadge value={current.class} />
          <span className="truncate">{current.name}</span>
          <IconSelector {...ICON} color="var(--text-soft)" style={{ flex: 'none' }} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Environments</Menu.Label>
        {list.data?.map(environment => (
          <Menu.Item
            key={environment.id}
            onClick={() => switchTo(environment.id)}
            leftSection={<EnvironmentBadge value={environment.class} />}
            rightSection={environment.id === current.id ? <IconCheck {...ICON} /> : null}
          >
            <span className="truncate" style={{ display: 'block', maxWidth: 200 }}>
              {environment.name}
            </span>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconPlus {...ICON} />} onClick={() => navigate(paths.newEnvironment)}>
          New environment
        </Menu.Item>
        <Menu.Item leftSection={<IconServerCog {...ICON} />} component={Link} href={paths.environments}>
          Manage environments
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
