import { ActionIcon, Tooltip } from '@mantine/core'
import { IconLayoutSidebar, IconLayoutSidebarRight, IconRefresh } from '@tabler/icons-react'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { formatRelative } from '../../lib/time.ts'
import { useNow } from '../../lib/use-now.ts'
import classes from './data-screen.module.css'
import { useDataLayout } from './layout-store.ts'
import type { TablePages } from './use-table-pages.ts'
import { visibleText } from './visible-text.ts'

interface TableBarProps {
  table: string
  pages: TablePages
  isPanelOpen: boolean
  /** Absent while there are no rows to show the details of. */
  onPanel: (() => void) | undefined
}

/** The table's name, and what can be done with what is shown of it. */
export function TableBar({ table, pages, isPanelOpen, onPanel }: TableBarProps) {
  const { isListHidden, toggleList } = useDataLayout()
  useShortcut('t', 'Show or hide the list of tables', toggleList)
  return (
    <div className={classes.bar}>
      <Tooltip label={isListHidden ? 'Show the tables (t)' : 'Hide the tables (t)'}>
        <ActionIcon aria-label="List of tables" aria-pressed={!isListHidden} onClick={toggleList}>
          <IconLayoutSidebar size={17} />
        </ActionIcon>
      </Tooltip>
      <h2 className="mono truncate">
        <bdi>{visibleText(table)}</bdi>
      </h2>
      <div style={{ flex: 1 }} />
      <ReadAt at={pages.readAt} />
      <Tooltip label="Read the rows again (r)">
        <ActionIcon aria-label="Read the rows again" onClick={pages.refresh}>
          <IconRefresh size={16} />
        </ActionIcon>
      </Tooltip>
      {onPanel !== undefined && (
        <Tooltip label="Row details (i)">
          <ActionIcon
            aria-label="Row details"
            aria-pressed={isPanelOpen}
            variant={isPanelOpen ? 'light' : 'subtle'}
            onClick={onPanel}
          >
            <IconLayoutSidebarRight size={17} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  )
}

/** The rows stay as they were read until they are read again, so it says when that was. */
function ReadAt({ at }: { at: number | undefined }) {
  const now = useNow()
  if (at === undefined) return null
  return <span className={classes.readAt}>read {formatRelative(new Date(at), now)}</span>
}
