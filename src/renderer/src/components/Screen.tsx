import { Group, Title } from '@mantine/core'
import { useEffect } from 'react'
import classes from './screen.module.css'

interface ScreenProps {
  title: string
  /** Beside the title: a count, a state. */
  aside?: React.ReactNode
  /** At most one of them primary, the last. */
  actions?: React.ReactNode
  /** Search and filters, under the title. */
  toolbar?: React.ReactNode
  /** Before the title: the way back. */
  back?: React.ReactNode
  /** `page`: padded and scrolling. `fill`: the content takes the whole rest and scrolls by itself. */
  layout?: 'page' | 'fill'
  children: React.ReactNode
}

/** The frame of every screen: title, actions, toolbar, content. */
export function Screen({ title, aside, actions, toolbar, back, layout = 'page', children }: ScreenProps) {
  useEffect(() => {
    document.title = `${title} · Tenantry`
  }, [title])
  // What had the keyboard went away with the screen before: it goes on here, not at the top of the page.
  useEffect(() => {
    if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true })
  }, [])
  return (
    <div className={classes.screen}>
      <header className={classes.head}>
        <div className={classes.titles}>
          {back}
          <Title order={1} className="truncate" title={title}>
            {title}
          </Title>
          {aside}
        </div>
        <Group gap={8} wrap="nowrap">
          {actions}
        </Group>
      </header>
      {toolbar !== undefined && <div className={classes.toolbar}>{toolbar}</div>}
      {layout === 'page' ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        <section className={classes.page} tabIndex={0} aria-label={title}>
          {children}
        </section>
      ) : (
        <div className={classes.fill}>{children}</div>
      )}
    </div>
  )
}
