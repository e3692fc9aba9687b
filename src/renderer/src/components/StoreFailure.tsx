import type { ErrorData } from '#shared/errors.ts'
import classes from './store-failure.module.css'

/** Why one store of several failed, and what to do. */
export function StoreFailure({ error }: { error: ErrorData }) {
  return (
    <div className={classes.failure} role="alert">
      <strong>{error.message}</strong>
      {error.hint !== undefined && <span>{error.hint}</span>}
    </div>
  )
}
