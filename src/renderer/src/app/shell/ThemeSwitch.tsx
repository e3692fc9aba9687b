import { ActionIcon, type MantineColorScheme, Menu, Tooltip, useMantineColorScheme } from '@mantine/core'
import { type Icon, IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'
import { useState } from 'react'

export const THEMES: readonly { value: MantineColorScheme; label: string; icon: Icon }[] = [
  { value: 'light', label: 'Light', icon: IconSun },
  { value: 'dark', label: 'Dark', icon: IconMoon },
  { value: 'auto', label: 'As the system', icon: IconDeviceDesktop },
]

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [isOpen, setOpen] = useState(false)
  const Current = THEMES.find(theme => theme.value === colorScheme)?.icon ?? IconSun
  return (
    <Menu position="bottom-end" width={180} onChange={setOpen}>
      <Menu.Target>
        <Tooltip label="Theme" disabled={isOpen}>
          <ActionIcon size={32} aria-label="Theme">
            <Current size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {THEMES.map(theme => (
          <Menu.Item
            key={theme.value}
            leftSection={<theme.icon size={16} stroke={1.7} aria-hidden />}
            rightSection={theme.value === colorScheme ? <IconCheck size={16} aria-label="in use" /> : null}
            onClick={() => setColorScheme(theme.value)}
          >
            {theme.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
