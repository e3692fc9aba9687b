import { Skeleton } from '@mantine/core'
import { useDelayed } from '../lib/use-delayed.ts'
import classes from './skeleton-rows.module.css'

/** Widths that look like text, in per cent; they repeat. */
const WIDTHS = [62, 48, 71, 55, 66, 43, 58] as const

interface SkeletonRowsProps {
  rows?: number
  columns?: number
}

/** Stands in for a list that is loading, once it takes long enough to be noticed. */
export function SkeletonRows({ rows = 12, columns = 5 }: SkeletonRowsProps) {
  const isShown = useDelayed()
  return (
    <div role="status" aria-label="Loading">
      {isShown &&
        Array.from({ length: rows }, (_row, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of a skeleton have no identity.
          <div key={row} className={classes.row} style={{ gridTemplateColumns: `2fr repeat(${columns - 1}, 1fr)` }}>
            {Array.from({ length: columns }, (_column, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells of a skeleton have no identity.
              <Skeleton key={column} height={10} radius={4} width={`${WIDTHS[(row * 3 + column) % WIDTHS.length]}%`} />
            ))}
          </div>
        ))}
    </div>
  )
}
