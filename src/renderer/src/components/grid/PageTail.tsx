// biome-ignore-all lint/a11y/useSemanticElements: it is part of a grid that is no table element.
import { Anchor, Loader } from '@mantine/core'
import type { AppError } from '#shared/errors.ts'

interface PagedQuery {
  error: AppError | null
  isFetchNextPageError: boolean
  isFetchingNextPage: boolean
  hasNextPage: boolean
  fetchNextPage: () => unknown
}

/** After the last row: more is coming, or why it is not. */
export function PageTail({ query }: { query: PagedQuery }) {
  if (query.isFetchNextPageError) {
    return (
      // A grid may hold nothing with a role but rows.
      <div role="row" tabIndex={-1}>
        <span role="gridcell" tabIndex={-1}>
          <span role="alert">The next rows could not be read: {query.error?.message}</span>{' '}
          <Anchor component="button" type="button" onClick={() => query.fetchNextPage()}>
            Try again
          </Anchor>
        </span>
      </div>
    )
  }
  if (query.isFetchingNextPage || query.hasNextPage) {
    return (
      <>
        <Loader size={14} aria-hidden />
        <span>Loading more…</span>
      </>
    )
  }
  return null
}
