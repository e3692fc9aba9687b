import '@mantine/spotlight/styles.layer.css'
import { Group, Kbd, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconArrowRight, IconBuildingCommunity, IconCommand, IconPalette, IconSearch } from '@tabler/icons-react'
import { useEffect, useMemo } from 'react'
import { useLocation } from 'wouter'
import { useOperation } from '../../client/hooks.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import { ACTION_GROUPS, type Action, useActions } from '../actions.ts'
import { useCurrentEnvironment } from '../environment.tsx'
import { paths } from '../paths.ts'
import { useSwitchEnvironment } from '../shell/use-switch-environment.ts'
import { writtenKeys } from '../shortcuts/keys.ts'
import classes from './palette.module.css'
import { closePalette, setPaletteQuery, usePaletteState } from './palette-state.ts'
import { PALETTE_FIELD } from './use-type-ahead.ts'

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const
const [store, spotlight] = createSpotlight()
const MAX_TENANTS = 8
/** What scrolls must be reachable by keyboard. The list hands this on to its scroll area, which its type does not say. */
const REACHABLE: object = { viewportProps: { tabIndex: 0 } }
const SEARCH_DELAY_MS = 150
/** A field that is still fading away would swallow what is typed for the next one. */
const AT_ONCE = { duration: 0 }
const FIELD = { [PALETTE_FIELD]: true }

const GROUP_ICON = {
  'Go to': <IconArrowRight {...ICON} />,
  Do: <IconCommand {...ICON} />,
  Appearance: <IconPalette {...ICON} />,
}

export default function Palette() {
  const isOpen = usePaletteState(state => state.isOpen)
  const query = usePaletteState(state => state.query)
  useEffect(() => {
    if (isOpen) spotlight.open()
    else spotlight.close()
  }, [isOpen])
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setPaletteQuery}
      clearQueryOnClose={false}
      transitionProps={AT_ONCE}
      shortcut={null}
      scrollable
      maxHeight={420}
      size={600}
      centered={false}
      yOffset="14vh"
      overlayProps={{ backgroundOpacity: 0.45, blur: 0 }}
      classNames={{ action: classes.action ?? '', search: classes.search ?? '', actionsList: classes.list ?? '' }}
      onSpotlightClose={closePalette}
      attributes={{ content: { 'aria-label': 'Search or run a command' } }}
    >
      <PaletteContent query={query} />
    </Spotlight.Root>
  )
}

/** There only while the palette is open: what was looked for the last time is gone with it. */
function PaletteContent({ query }: { query: string }) {
  const groups = usePaletteGroups(query)
  const first = groups.find(group => group.entries.length > 0)?.entries[0]
  return (
    <>
      <Spotlight.Search
        placeholder="Search tenants, environments and commands"
        aria-label="Search tenants, environments and commands"
        {...FIELD}
        onFocus={toItsEnd}
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
      />
      <Spotlight.ActionsList {...REACHABLE}>
        {groups.map(group =>
          group.entries.length === 0 ? null : (
            <Spotlight.ActionsGroup key={group.label} label={group.label}>
              {group.entries.map(entry => (
                <PaletteEntry key={entry.id} entry={entry} />
              ))}
            </Spotlight.ActionsGroup>
          ),
        )}
        {first === undefined && <Spotlight.Empty>Nothing matches “{query}”</Spotlight.Empty>}
      </Spotlight.ActionsList>
      <FirstSelected query={query} firstId={first?.id} />
    </>
  )
}

/** What was typed before the field had the keyboard stands in it already. */
function toItsEnd({ currentTarget }: React.FocusEvent<HTMLInputElement>): void {
  currentTarget.setSelectionRange(currentTarget.value.length, currentTarget.value.length)
}

/**
 * Enter runs the first result, also when it came later than the key: the list knows only of what it was told. Stands after
 * the list, so that there is one when the effect runs.
 */
function FirstSelected({ query, firstId }: { query: string; firstId: string | undefined }) {
  useEffect(() => {
    if (query.trim() === '' || firstId === undefined) return
    const list = document.getElementById(store.getState().listId)
    list?.querySelector('[data-selected]')?.removeAttribute('data-selected')
    list?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
    store.updateState(state => ({ ...state, selected: 0 }))
  }, [query, firstId])
  return null
}

interface Entry {
  id: string
  label: string
  icon: React.ReactNode
  aside?: React.ReactNode
  keywords?: string
  run: () => void
}

function PaletteEntry({ entry }: { entry: Entry }) {
  return (
    <Spotlight.Action onClick={entry.run}>
      <Group wrap="nowrap" gap={10} w="100%">
        {entry.icon}
        <span className="truncate" style={{ flex: 1 }}>
          {entry.label}
        </span>
        {entry.aside}
      </Group>
    </Spotlight.Action>
  )
}

function usePaletteGroups(query: string): { label: string; entries: Entry[] }[] {
  const actions = useActions()
  const tenants = useTenantEntries(query)
  const environments = useEnvironmentEntries()
  return useMemo(() => {
    const matches = matcher(query)
    const groups = ACTION_GROUPS.map(label => ({
      label,
      entries: actions
        .filter(action => action.group === label && action.id !== 'palette' && matches(action))
        .map(toEntry),
    }))
    return [
      { label: 'Tenants', entries: tenants },
      groups[0] ?? { label: '', entries: [] },
      { label: 'Environments', entries: environments.filter(matches) },
      ...groups.slice(1),
    ]
  }, [actions, tenants, environments, query])
}

/** Every word of the query must occur somewhere. */
function matcher(query: string): (entry: { label: string; keywords?: string | undefined }) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return ({ label, keywords }) => {
    const text = `${label} ${keywords ?? ''}`.toLowerCase()
    return words.every(word => text.includes(word))
  }
}

const toEntry = ({ id, label, keys, group, run }: Action): Entry => ({
  id,
  label,
  icon: GROUP_ICON[group],
  run,
  aside:
    keys === undefined ? null : (
      <Group gap={3} wrap="nowrap">
        {writtenKeys(keys).map(key => (
          <Kbd key={key} size="xs">
            {key}
          </Kbd>
        ))}
      </Group>
    ),
})

function useTenantEntries(query: string): Entry[] {
  const environment = useCurrentEnvironment()
  const [, navigate] = useLocation()
  const [search] = useDebouncedValue(query.trim(), SEARCH_DELAY_MS)
  const input =
    environment === undefined || search === ''
      ? undefined
      : { environmentId: environment.id, search, limit: MAX_TENANTS }
  const found = useOperation('tenants.list', input, { keepPrevious: true })
  return useMemo(() => {
    if (environment === undefined || search === '') return []
    return (found.data?.items ?? []).map(tenant => ({
      id: tenant.id,
      label: tenant.name,
      icon: <IconBuildingCommunity {...ICON} />,
      aside: (
        <Text component="span" size="xs" c="dimmed" className="mono truncate" maw={220}>
          {tenant.slug}
        </Text>
      ),
      run: () => navigate(paths.tenant(environment.id, tenant.id)),
    }))
  }, [environment, found.data, navigate, search])
}

function useEnvironmentEntries(): Entry[] {
  const list = useOperation('environments.list', {})
  const switchTo = useSwitchEnvironment()
  return (list.data ?? []).map(environment => ({
    id: environment.id,
    label: environment.name,
    keywords: `environment switch ${environment.class}`,
    icon: <EnvironmentBadge value={environment.class} />,
    run: () => switchTo(environment.id),
  }))
}
