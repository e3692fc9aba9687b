import { Button } from '@mantine/core'
import { Link } from 'wouter'
import { AppError, type ErrorCode, fieldErrors } from '#shared/errors.ts'
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

/** Asking again would lead to the same answer. */
const FINAL: readonly ErrorCode[] = ['NOT_FOUND', 'UNSUPPORTED', 'INVALID_INPUT']

/** Why no rows are shown, and the way on that fits the reason. */
export function TableFailure({ tenantId, table, pages, onUnsorted }: TableFailureProps) {
  const environment = useEnvironment()
  const { error } = pages
  if (error === null) return null
  return (
    <div style={{ flex: 1, padding: 20, overflow: 'auto' }}>
      <ErrorPanel
        error={explained(error)}
        title={titleOf(error, visibleText(table))}
        {...(FINAL.includes(error.code) ? {} : { onRetry: pages.retry })}
        isRetrying={pages.isFetching}
        actions={
          <>
            {(error.code === 'NOT_FOUND' || error.code === 'UNSUPPORTED') && (
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

/** The error with what a person needs here: the field's own message, and what would help. */
function explained(error: AppError): AppError {
  const message = fieldErrors(error).sort ?? error.message
  const hint = error.code === 'UNSUPPORTED' ? 'Give the table a primary key, or read it with SQL.' : undefined
  return new AppError(error.code, message, { ...error.toData(), hint: error.hint ?? hint })
}

function titleOf(error: AppError, table: string): string {
  switch (error.code) {
    case 'NOT_FOUND':
      return `There is no table ${table} here`
    case 'UNSUPPORTED':
      return `${table} cannot be paged through`
    case 'INVALID_INPUT':
      return `${table} cannot be sorted like this`
    case 'TIMEOUT':
      return `The server took too long to read ${table}`
    default:
      return 'The rows could not be read'
  }
}
