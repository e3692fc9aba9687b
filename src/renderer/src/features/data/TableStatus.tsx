import { Anchor, Loader } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { DataTable } from '#shared/contract/data.ts'
import type { GridSort } from '../../components/grid/types.ts'
import { formatBytes, formatCount, formatEstimate, formatPlural } from '../../lib/format.ts'
import classes from './data-screen.module.css'
import type { TablePages } from './use-table-pages.ts'
import { visibleText } from './visible-text.ts'

interface TableStatusProps {
  pages: TablePages
  facts: DataTable | undefined
  sort: GridSort | undefined
  /** What just happened, for example what was copied. */
  note: string
}

/** What was read of how much; never a count that the server would have to make. */
export function TableStatus({ pages, facts, sort, note }: TableStatusProps) {
  const estimate = facts?.rowsEstimate ?? null
  return (
    <div className={classes.status}>
      {pages.known > 0 && <span>{loadedText(pages)}</span>}
      {pages.error === null ? (
        <>
          {estimate !== null && !pages.isComplete && <span>about {formatEstimate(estimate)} rows in all</span>}
          {facts !== undefined && <span>{formatBytes(facts.sizeBytes)}</span>}
          {sort !== undefined && (
            <span className="truncate">
              by {visibleText(sort.key)}, {sort.direction === 'asc' ? 'ascending' : 'descending'}
            </span>
          )}
          {pages.isFetching && (
            <span className={classes.fetching}>
              <Loader size={12} aria-hidden /> reading
            </span>
          )}
          <span role="status" className={classes.note}>
            {note}
          </span>
        </>
      ) : (
        <ReadError message={pages.error.message} onRetry={pages.retry} />
      )}
    </div>
  )
}

function ReadError({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <span role="alert" className={classes.failed}>
      <IconAlertTriangle size={14} aria-hidden />
      <span className="truncate" title={message}>
        Some rows could not be read. {message}
      </span>
      <Anchor component="button" type="button" size="xs" onClick={onRetry}>
        Try again
      </Anchor>
    </span>
  )
}

const loadedText = ({ known, isComplete }: TablePages): string =>
  `${formatPlural(known, 'row')} loaded${isComplete ? ', to the end' : ''}`

/** After the last row that was read: more is coming, why it is not, or the end. */
export function TableTail({ pages }: { pages: TablePages }) {
  const { error, known, hasMore, isComplete } = pages
  if (error !== null) return <span>What follows could not be read.</span>
  if (hasMore) {
    return (
      <>
        <Loader size={14} aria-hidden />
        <span>Loading more…</span>
      </>
    )
  }
  return isComplete ? (
    <span>End of the table · {formatPlural(known, 'row')} loaded</span>
  ) : (
    <span>{formatCount(known)} rows are the most one grid shows. Sort by another column to see others.</span>
  )
}
