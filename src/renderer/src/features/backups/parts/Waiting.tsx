import type { AppError } from '#shared/errors.ts'
import { EnvironmentSettingsLink } from '../../../components/EnvironmentSettingsLink.tsx'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { SkeletonRows } from '../../../components/SkeletonRows.tsx'

interface WaitingProps {
  query: { error: AppError | null; isFetching: boolean; refetch: () => unknown }
  /** What could not be done, for example “The archives could not be listed”. */
  title: string
  rows?: number
}

/** In place of an answer that is not there: still loading, or why it will not come. */
export function Waiting({ query, title, rows = 6 }: WaitingProps) {
  if (query.error === null) return <SkeletonRows rows={rows} columns={4} />
  return (
    <ErrorPanel
      error={query.error}
      title={title}
      onRetry={() => void query.refetch()}
      isRetrying={query.isFetching}
      actions={query.error.code === 'CONNECTION_FAILED' && <EnvironmentSettingsLink />}
    />
  )
}
