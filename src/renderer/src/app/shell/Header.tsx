import { ActionIcon, Kbd, Tooltip, UnstyledButton } from '@mantine/core'
import { IconKeyboard, IconSearch } from '@tabler/icons-react'
import { Link } from 'wouter'
import { Logo } from '../../components/Logo.tsx'
import { JobIndicator } from '../jobs/JobIndicator.tsx'
import { openPalette } from '../palette/palette-state.ts'
import { paths } from '../paths.ts'
import { COMMAND_KEY } from '../shortcuts/keys.ts'
import { setShortcutsOpen } from '../shortcuts/shortcut-store.ts'
import { EnvironmentSwitcher } from './EnvironmentSwitcher.tsx'
import classes from './shell.module.css'
import { ThemeSwitch } from './ThemeSwitch.tsx'

export function Header() {
  return (
    <div className={classes.bar}>
      <Link href={paths.start} className={classes.brand} aria-label="Tenantry, start">
        <Logo size={24} />
        Tenantry
      </Link>
      <EnvironmentSwitcher />
      <div style={{ flex: 1 }} />
      <UnstyledButton className={classes.search} onClick={() => openPalette()} aria-keyshortcuts="Control+K">
        <IconSearch size={15} aria-hidden />
        <span style={{ flex: 1 }}>Search or run…</span>
        <Kbd size="xs">{COMMAND_KEY} K</Kbd>
      </UnstyledButton>
      <JobIndicator />
      <Tooltip label="Keyboard shortcuts (?)">
        <ActionIcon size={32} aria-label="Keyboard shortcuts" onClick={() => setShortcutsOpen(true)}>
          <IconKeyboard size={18} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <ThemeSwitch />
    </div>
  )
}
