import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core'
import { useMemo } from 'react'
import { useLocation } from 'wouter'
import { useCurrentEnvironment, usePermission } from './environment.tsx'
import { setTrayOpen } from './jobs/job-store.ts'
import { openPalette } from './palette/palette-state.ts'
import { paths } from './paths.ts'
import { setShortcutsOpen } from './shortcuts/shortcut-store.ts'

export const ACTION_GROUPS = ['Go to', 'Do', 'Appearance'] as const

export interface Action {
  id: string
  group: (typeof ACTION_GROUPS)[number]
  label: string
  keys?: string
  /** Further words to find it by. */
  keywords?: string
  run: () => void
}

/** What can be done from everywhere: the source of the palette, of the shortcuts and of their help. */
export function useActions(): readonly Action[] {
  const [, navigate] = useLocation()
  const { setColorScheme } = useMantineColorScheme()
  const environment = useCurrentEnvironment()
  const mayCreate = usePermission('tenants.create', environment)
  const mayBackUp = usePermission('backups.createAll', environment)
  const id = environment?.id
  return useMemo(
    () => [
      ...navigation(id, navigate),
      ...(id !== undefined && mayCreate.isAllowed
        ? [
            {
              ...action('new-tenant', 'New tenant', () => navigate(`${paths.tenants(id)}?new=1`)),
              keywords: 'create provision add',
            },
          ]
        : []),
      ...(id !== undefined && mayBackUp.isAllowed
        ? [
            {
              ...action('back-up-all', 'Back up all tenants', () => navigate(`${paths.backups(id)}?all=1`)),
              keywords: 'archive backup fleet',
            },
          ]
        : []),
      {
        ...action('new-environment', 'New environment', () => navigate(paths.newEnvironment)),
        keywords: 'create connection add',
      },
      {
        ...action('import', 'Import an environment', () => navigate(paths.importEnvironment)),
        keywords: 'env file variables',
      },
      { ...action('job-tray', 'Show running jobs', () => setTrayOpen(true)), keywords: 'progress tray' },
      { ...action('palette', 'Search or run a command', () => openPalette()), keys: 'mod+k' },
      { ...action('search', 'Search on this screen', focusSearch), keys: '/' },
      { ...action('shortcuts', 'Show the keyboard shortcuts', () => setShortcutsOpen(true)), keys: '?' },
      ...themes(setColorScheme),
    ],
    [id, navigate, mayCreate.isAllowed, mayBackUp.isAllowed, setColorScheme],
  )
}

const action = (id: string, label: string, run: () => void): Action => ({ id, group: 'Do', label, run })

function navigation(environmentId: string | undefined, navigate: (path: string) => void): Action[] {
  const to = (label: string, keys: string, path: string): Action => ({
    id: `go-${label}`,
    group: 'Go to',
    label,
    keys,
    run: () => navigate(path),
  })
  const inEnvironment =
    environmentId === undefined
      ? []
      : [
          to('Tenants', 'g t', paths.tenants(environmentId)),
          to('Data', 'g d', paths.data(environmentId)),
          to('Backups', 'g b', paths.backups(environmentId)),
          to('Health', 'g h', paths.health(environmentId)),
        ]
  return [
    ...inEnvironment,
    to('Audit', 'g a', paths.audit),
    to('Jobs', 'g j', paths.jobs),
    to('Environments', 'g e', paths.environments),
  ]
}

function themes(setColorScheme: (scheme: MantineColorScheme) => void): Action[] {
  const theme = (value: MantineColorScheme, label: string): Action => ({
    id: `theme-${value}`,
    group: 'Appearance',
    label,
    keywords: 'colour mode',
    run: () => setColorScheme(value),
  })
  return [theme('light', 'Light theme'), theme('dark', 'Dark theme'), theme('auto', 'Theme as the system')]
}

/** The screen's search field is the one that says so. */
function focusSearch(): void {
  const field = document.querySelector('[data-screen-search]')
  if (!(field instanceof HTMLInputElement)) return
  field.focus()
  field.select()
}
