import { type UseQueryResult, useQueries, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { InputOf, OutputOf } from '#shared/contract/index.ts'
import type { AppError } from '#shared/errors.ts'
import { client } from '../../client/client.ts'
import type { GridRange } from '../../components/grid/types.ts'
import * as pageLedger from './page-ledger.ts'
import { type DataRow, hasShape, placeRows, type TableShape } from './table-rows.ts'

export type TableRequest = Omit<InputOf<'data.page'>, 'cursor' | 'limit'>
export type DataPage = OutputOf<'data.page'>

const PAGE_SIZE = 200
/** Pages in memory: 10,000 rows, and 25 MiB where every page is as large as the server sends them. */
const MAX_PAGES = 50
/** Rows around the drawn ones that are read too, so that steady scrolling meets no gap. */
const AHEAD = 160
/** How long pages that are not on screen stay in memory. */
const UNSEEN_MS = 120_000
const OPERATION = 'data.page'

export interface TablePages {
  /** Undefined until a page was read. */
  shape: TableShape | undefined
  /** Holes are rows that are not in memory now. */
  rows: readonly (DataRow | undefined)[]
  /** Rows that were read, in memory or not. */
  known: number
  hasMore: boolean
  /** The last row of the table was reached. */
  isComplete: boolean
  isFetching: boolean
  error: AppError | null
  /** When the oldest page on screen was read, in ms since 1970. */
  readAt: number | undefined
  onRange: (range: GridRange) => void
  retry: () => void
  /** Reads again what is on screen; the rest when it is scrolled to. */
  refresh: () => void
}

interface View {
  key: string
  ledger: pageLedger.PageLedger
  range: GridRange
}

const viewOf = (key: string): View => ({ key, ledger: pageLedger.EMPTY_LEDGER, range: { first: 0, last: 0 } })

/** The rows of a table around what is on screen, read page by page by key. A changed request starts from the first row. */
export function useTablePages(request: TableRequest): TablePages {
  const key = JSON.stringify(request)
  const [remembered, setView] = useState(() => viewOf(key))
  const [shape, setShape] = useState<TableShape>()
  const view = remembered.key === key ? remembered : viewOf(key)
  const wanted = pageLedger.pagesFor(view.ledger, { first: view.range.first - AHEAD, last: view.range.last + AHEAD })
  const { pages, ...state } = usePages(
    request,
    wanted.map(index => pageLedger.cursorOf(view.ledger, index)),
  )
  const actions = usePageActions(key)
  useEffect(() => {
    const first = pages.find(page => page !== undefined)
    if (first === undefined) return
    if (shape === undefined) setShape({ columns: first.columns, sample: first.rows })
    else if (!hasShape(pages, shape)) {
      // The table was altered while it was read.
      setShape(undefined)
      setView(viewOf(key))
      actions.restart()
    }
  }, [pages, shape, key, actions])
  useEffect(() => {
    const next = recordAll(view, wanted, pages)
    // The rows on screen may have changed meanwhile.
    if (next !== view.ledger) setView(({ range }) => ({ ...view, range, ledger: next }))
    else actions.trim(pageLedger.pagesToKeep(next, wanted, MAX_PAGES))
  })
  const onRange = useCallback(
    (range: GridRange) => setView(before => ({ ...(before.key === key ? before : viewOf(key)), range })),
    [key],
  )
  const length = pageLedger.shownRows(view.ledger)
  const starts = wanted.map(index => view.ledger.pages[index]?.start).join()
  const placed = useMemo(() => placeRows(length, starts, pages), [length, starts, pages])
  const rows = usePreviousWhile(length === 0 && state.isFetching, placed)
  return {
    ...state,
    ...actions,
    shape,
    rows,
    known: pageLedger.knownRows(view.ledger),
    hasMore: pageLedger.hasMore(view.ledger),
    isComplete: pageLedger.isComplete(view.ledger),
    onRange,
  }
}

/** The last value while there is none yet: a new order replaces the rows at once, without a blank between. */
function usePreviousWhile<T>(isMissing: boolean, value: T): T {
  const previous = useRef(value)
  useEffect(() => {
    if (!isMissing) previous.current = value
  })
  return isMissing ? previous.current : value
}

function recordAll(view: View, wanted: readonly number[], pages: readonly (DataPage | undefined)[]) {
  let { ledger } = view
  for (const [position, index] of wanted.entries()) {
    const page = pages[position]
    if (page === undefined) continue
    const { rows, nextCursor } = page
    const next = pageLedger.recordPage(ledger, index, { count: rows.length, nextCursor, lastSeen: view.range.last })
    // What lies behind a page that came back different is asked for anew.
    if (next !== ledger && index < ledger.pages.length) return next
    ledger = next
  }
  return ledger
}

function usePages(request: TableRequest, cursors: readonly (string | undefined)[]) {
  const key = JSON.stringify(request)
  const results = useQueries({
    queries: cursors.map(cursor => ({
      queryKey: [OPERATION, key, cursor ?? null],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        client.call(
          OPERATION,
          { ...request, limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
          { signal },
        ),
      // What was read stays as it was read: pages of different moments do not fit together. There is a button.
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: UNSEEN_MS,
    })),
  })
  return usePageState(results)
}

function usePageState(results: readonly UseQueryResult<DataPage, AppError>[]) {
  const readAt = results.flatMap(result => (result.data === undefined ? [] : [result.dataUpdatedAt]))
  return {
    pages: useSameItems(results.map(result => result.data)),
    isFetching: results.some(result => result.isFetching),
    error: results.find(result => result.isError)?.error ?? null,
    readAt: readAt.length === 0 ? undefined : Math.min(...readAt),
  }
}

/** The array itself stays the same while its items do. */
function useSameItems<T>(items: readonly T[]): readonly T[] {
  const previous = useRef(items)
  const isSame = previous.current.length === items.length && items.every((item, at) => item === previous.current[at])
  const same = isSame ? previous.current : items
  useEffect(() => {
    previous.current = same
  })
  return same
}

function usePageActions(key: string) {
  const queryClient = useQueryClient()
  return useMemo(() => {
    const queryKey = [OPERATION, key]
    return {
      retry: () => {
        void queryClient.refetchQueries({
          queryKey,
          type: 'active',
          predicate: query => query.state.status === 'error',
        })
      },
      refresh: () => {
        void queryClient.invalidateQueries({ queryKey })
      },
      restart: () => queryClient.removeQueries({ queryKey }),
      trim: (kept: ReadonlySet<string | undefined>) => {
        const isFar = (cursor: unknown) => !kept.has(typeof cursor === 'string' ? cursor : undefined)
        queryClient.removeQueries({ queryKey, type: 'inactive', predicate: query => isFar(query.queryKey[2]) })
      },
    }
  }, [queryClient, key])
}
