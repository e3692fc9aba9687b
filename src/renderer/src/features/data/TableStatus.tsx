import type { DataTable } from '#shared/contract/data.ts'
import type { GridSort } from '../../components/grid/types.ts'
import { formatBytes, formatEstimate, formatPlural } from '../../lib/format.ts'
import classes from './data-screen.module.css'

interface TableStatusProps {
  rows: number
  hasMore: boolean
  facts: DataTable | undefined
  sort: GridSort
}

/** What is on screen of how much; never a count that the server would have to make. */
export function TableStatus({ rows, hasMore, facts, sort }: TableStatusProps) {
  const estimate = facts?.rowsEstimate
  return (
    <div className={classes.status} role="status">
      <span>
        {hasMore ? `${formatPlural(rows, 'row')} read, more below` : `${formatPlural(rows, 'row')}, all read`}
      </span>
      {hasMore && estimate != null && <span>about {formatEstimate(estimate)} in the table</span>}
      {facts !== undefined && <span>{formatBytes(facts.sizeBytes)}</span>}
      {sort.key !== '' && (
        <span>
          by <span className="mono">{sort.key}</span>, {sort.direction === 'asc' ? 'ascending' : 'descending'}
        </span>
      )}
    </div>
  )
}
