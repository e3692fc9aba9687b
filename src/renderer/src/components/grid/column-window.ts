import { useEffect, useState } from 'react'
import type { GridRange } from './types.ts'

/** Fewer columns are all drawn: watching the scroll costs more than they do. */
const LEAST_COLUMNS = 24
/** Columns this near to what is seen are drawn too, in pixels. */
const MARGIN = 300

interface View {
  left: number
  width: number
}

/** The columns that a view of the grid touches. `starts` are the columns' left edges, ascending. */
export function columnsIn(starts: readonly number[], view: View): GridRange {
  const left = view.left - MARGIN
  const right = view.left + view.width + MARGIN
  let first = 0
  while (first + 1 < starts.length && (starts[first + 1] ?? 0) <= left) first += 1
  let last = first
  while (last + 1 < starts.length && (starts[last + 1] ?? 0) < right) last += 1
  return { first, last }
}

/** The columns to draw, following the sideways scroll of a grid that has many. */
export function useColumnWindow(
  scroller: React.RefObject<HTMLDivElement | null>,
  starts: readonly number[],
): GridRange {
  const [range, setRange] = useState<GridRange>({ first: 0, last: LEAST_COLUMNS })
  const isWide = starts.length > LEAST_COLUMNS
  useEffect(() => {
    const element = scroller.current
    if (element === null || !isWide) return
    const update = () => {
      const next = columnsIn(starts, { left: element.scrollLeft, width: element.clientWidth })
      setRange(before => (before.first === next.first && before.last === next.last ? before : next))
    }
    update()
    const observer = new ResizeObserver(update)
    observer.observe(element)
    element.addEventListener('scroll', update, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', update)
    }
  }, [scroller, starts, isWide])
  return isWide ? range : { first: 0, last: starts.length - 1 }
}
