import { AppError } from '#shared/errors.ts'
import type { DatabaseFacts } from './database.repository.ts'

/** Beyond this part of the lock table a dump is refused: the applications need locks too. */
export const LOCK_SHARE = 0.8

export interface LockEstimate {
  /** Locks that pg_dump holds at once, until its end. */
  needed: number
  /** Taken by others now. */
  inUse: number
  /** max_locks_per_transaction × (max_connections + max_prepared_transactions). */
  capacity: number
  isEnough: boolean
}

export const estimateLocks = ({ needed, inUse, capacity }: DatabaseFacts['locks']): LockEstimate => ({
  needed,
  inUse,
  capacity,
  isEnough: needed + inUse <= capacity * LOCK_SHARE,
})

/** CONFLICT with `{ reason: 'lock-table' }`, the figures, and the operation that does not need so many locks. */
export function notEnoughLocks({ needed, inUse, capacity }: LockEstimate): AppError {
  const count = (value: number) => value.toLocaleString('en')
  return new AppError(
    'CONFLICT',
    `A dump of this database needs about ${count(needed)} locks at once; the lock table of the server holds about ${count(capacity)}, of which ${count(inUse)} are in use.`,
    {
      hint: 'Back up all tenants one by one instead (fleet backup), raise max_locks_per_transaction on the server, or say that the dump shall be tried all the same: applications may then fail for want of locks.',
      details: { reason: 'lock-table', needed, inUse, capacity, alternative: 'fleet-backup' },
    },
  )
}
