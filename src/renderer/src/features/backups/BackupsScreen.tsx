import { Tabs } from '@mantine/core'
import { Suspense } from 'react'
import { useEnvironment } from '../../app/environment.tsx'
import { lazyPart } from '../../app/lazy-part.ts'
import { useViewState } from '../../app/view-state.ts'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import classes from './backups.module.css'
import { NoBackupStore } from './parts/NoBackupStore.tsx'

const OverviewTab = lazyPart(() => import('./overview/OverviewTab.tsx'))
const FullTab = lazyPart(() => import('./full/FullTab.tsx'))
const SchedulesTab = lazyPart(() => import('./schedules/SchedulesTab.tsx'))
const RetentionTab = lazyPart(() => import('./retention/RetentionTab.tsx'))
const KeptTab = lazyPart(() => import('./kept/KeptTab.tsx'))

const TABS = [
  { value: 'overview', label: 'Overview', needsStore: true, Content: OverviewTab },
  { value: 'full', label: 'Whole database', needsStore: true, Content: FullTab },
  { value: 'schedules', label: 'Schedules', needsStore: false, Content: SchedulesTab },
  { value: 'retention', label: 'Retention', needsStore: true, Content: RetentionTab },
  { value: 'kept', label: 'Kept schemas', needsStore: false, Content: KeptTab },
] as const

/** Backups of an environment: its tenants, the whole database, what runs by itself, and what is kept. */
export default function BackupsScreen() {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const tab = TABS.find(({ value }) => value === params.get('tab'))?.value ?? 'overview'
  const hasStore = environment.stores.backup !== undefined
  // What one tab keeps in the address means nothing to another.
  const choose = (value: string | null) =>
    setView(
      {
        ...Object.fromEntries([...params.keys()].map(name => [name, undefined])),
        tab: value === 'overview' ? undefined : (value ?? undefined),
      },
      { push: true },
    )
  return (
    <Screen title="Backups" layout="fill">
      <Tabs
        value={tab}
        onChange={choose}
        keepMounted={false}
        classNames={{ root: classes.tabs ?? '', panel: classes.panel ?? '', list: classes.list ?? '' }}
      >
        <Tabs.List aria-label="About backups">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<SkeletonRows rows={10} columns={5} />}>
          {TABS.map(({ value, needsStore, Content }) => (
            <Tabs.Panel key={value} value={value}>
              {needsStore && !hasStore ? <NoBackupStore /> : <Content />}
            </Tabs.Panel>
          ))}
        </Suspense>
      </Tabs>
    </Screen>
  )
}
