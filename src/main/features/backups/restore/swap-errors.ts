import type { RestoreVerification } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import type { StateChange } from './live-state.ts'
import type { RestoreRow } from './restore.repository.ts'

export const notReady = (row: Pick<RestoreRow, 'state'>): AppError =>
  new AppError('CONFLICT', `This restore is ${row.state}; only a ready one can be swapped.`, {
    hint: 'Look at the restore; somebody else may be working on it.',
  })

export const staleToken = (): AppError =>
  new AppError('CONFLICT', 'What was confirmed is not what this restore would do (any more).', {
    hint: 'Look at the comparison again, then confirm it.',
    details: { reason: 'stale-token' },
  })

export const sideChanged = (tables: readonly string[]): AppError =>
  new AppError('CONFLICT', `Somebody changed the restored rows beside live: ${tables.join(', ')}.`, {
    hint: 'Discard this restore and restore the archive again.',
    details: { reason: 'side-changed', tables: [...tables] },
  })

export const liveChanged = (changes: readonly StateChange[]): AppError => {
  const names = changes.map(({ table, rowsBefore, rowsNow }) => `${table} (${rowsBefore} → ${rowsNow} rows)`)
  return new AppError(
    'CONFLICT',
    `Live data changed since it was compared: ${names.join(', ')}. Nothing was changed.`,
    {
      hint: 'Compare again, look at what would be lost, then confirm.',
      details: { reason: 'live-changed', changes: changes.map(change => ({ ...change })) },
    },
  )
}

export const notVerified = (verification: RestoreVerification): AppError => {
  const tables = verification.tables.filter(table => !table.isEqual).map(table => table.table)
  return new AppError(
    'INTERNAL',
    `The swap was done, but live does not hold the restored rows in: ${tables.join(', ')}.`,
    {
      hint: 'Undo the restore; what was live before is kept.',
      details: { reason: 'verification-failed', tables },
    },
  )
}

export const swappedUnverified = (cause: unknown): AppError =>
  new AppError('CONNECTION_FAILED', 'The swap was done, but live could not be verified afterwards.', {
    hint: 'Compare live with the archive; undo the restore if they differ. What was live before is kept.',
    details: { reason: 'swapped-unverified' },
    cause,
  })

export const undecided = (): AppError =>
  new AppError('TIMEOUT', 'Nobody decided within the limit. Writers go on, and nothing was changed.', {
    hint: 'Confirm again, with a longer limit or with somebody at hand.',
    details: { reason: 'hold-limit' },
    retryable: true,
  })
