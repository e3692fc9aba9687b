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
      <span role="alert">
        The next rows could not be read: {query.error?.message}{' '}
        <Anchor component="button" type="button" onClick={() => query.fetchNextPage()}>
          Try again
        </Anchor>
      </span>
    )
  }
  if (query.isFetchingNextPage || query.hasNextPage) {
    return (
      <>
        <Loader size={14} />
        <span role="status">Loading more…</span>
      </>
    )
  }
  return null
}
