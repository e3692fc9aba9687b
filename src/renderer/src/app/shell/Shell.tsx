import { AppShell } from '@mantine/core'
import { Suspense, useEffect } from 'react'
import { TipLayer } from '../../components/TipLayer.tsx'
import { useJobLink } from '../jobs/use-job-link.ts'
import { lazyPart, loadPartsLater } from '../lazy-part.ts'
import { usePaletteState } from '../palette/palette-state.ts'
import { useTypeAhead } from '../palette/use-type-ahead.ts'
import { Screens } from '../Screens.tsx'
import { useGlobalShortcuts } from '../shortcuts/use-global-shortcuts.ts'
import { EnvironmentStrip } from './EnvironmentStrip.tsx'
import { Header } from './Header.tsx'
import { LinkNotice } from './LinkNotice.tsx'
import { Navigation } from './Navigation.tsx'
import { QuietBoundary } from './QuietBoundary.tsx'
import classes from './shell.module.css'

const Palette = lazyPart(() => import('../palette/Palette.tsx'))
const JobTray = lazyPart(() => import('../jobs/JobTray.tsx'))
const ShortcutsHelp = lazyPart(() => import('../shortcuts/ShortcutsHelp.tsx'))

const HEADER_HEIGHT = 52
const NAVIGATION_WIDTH = 200

export function Shell() {
  useJobLink()
  useGlobalShortcuts()
  useTypeAhead()
  useEffect(loadPartsLater, [])
  const wasPaletteAsked = usePaletteState(state => state.wasAsked)
  return (
    <AppShell
      header={{ height: HEADER_HEIGHT }}
      navbar={{ width: NAVIGATION_WIDTH, breakpoint: 0 }}
      transitionDuration={0}
      classNames={{ main: classes.main ?? '' }}
    >
      <button type="button" className={classes.skip} onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <AppShell.Header className={classes.header}>
        <EnvironmentStrip />
        <Header />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navigation}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <LinkNotice />
        <Screens />
      </AppShell.Main>
      <TipLayer />
      <QuietBoundary>
        <Suspense>{wasPaletteAsked && <Palette />}</Suspense>
      </QuietBoundary>
      <QuietBoundary>
        <Suspense>
          <JobTray />
        </Suspense>
      </QuietBoundary>
      <QuietBoundary>
        <Suspense>
          <ShortcutsHelp />
        </Suspense>
      </QuietBoundary>
    </AppShell>
  )
}
