import { Button } from '@mantine/core'
import { Link } from 'wouter'
import type { AppError } from '#shared/errors.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import type { TablePages } from './use-table-pages.ts'
import { visibleText } from './visible-text.ts'

interface TableFailureProps {
  tenantId: string
  table: string
  pages: TablePages
  onUnsorted: () => void
}

/** Why no rows are shown, and the way on that fits the reason. */
export function TableFailure({ tenantId, table, pages, onUnsorted }: TableFailureProps) {
  const environment = useEnvironment()
  const { error } = pages
  if (error === null) return null
  const isFinal = error.code === 'NOT_FOUND' || error.code === 'UNSUPPORTED'
  return (
    <div style={{ flex: 1, padding: 20, overflow: 'auto' }}>
      <ErrorPanel
        error={error}
        title={titleOf(error, visibleText(table))}
        {...(isFinal ? {} : { onRetry: pages.retry })}
        isRetrying={pages.isFetching}
        actions={
          <>
            {isFinal && (
              <Button component={Link} href={paths.data(environment.id, tenantId)} variant="default">
                Choose another table
              </Button>
            )}
            {error.code === 'INVALID_INPUT' && (
              <Button variant="default" onClick={onUnsorted}>
                Show in the order of the primary key
              </Button>
            )}
          </>
        }
      />
    </div>
  )
}

function titleOf(error: AppError, table: string): string {
  switch (error.code) {
    case 'NOT_FOUND':
      return `There is no table ${table} here`
    case 'UNSUPPORTED':
      return `${table} cannot be paged through`
    case 'TIMEOUT':
      return `The server took too long to read ${table}`
    default:
      return 'The rows could not be read'
  }
}
