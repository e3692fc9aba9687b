import { AppError, type ErrorCode, isAppError } from '#shared/errors.ts'
import { cancelled } from '../deadline.ts'
import { loggable } from '../loggable.ts'
import { errorChain, type FailureReason, networkError } from '../network-errors.ts'

interface Rule {
  pattern: RegExp
  code: ErrorCode
  message: string
  hint?: string
  retryable?: boolean
  reason?: FailureReason
}

/** Redis names an error by its first word: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const BY_TEXT: readonly Rule[] = [
  {
    pattern: /^(WRONGPASS|NOAUTH)|invalid password|Authentication required|AUTH .*called without any password/m,
    code: 'CONNECTION_FAILED',
    message: 'Redis refused the user or the password.',
    hint: 'Check the ACL user and the password of this environment.',
    reason: 'authentication',
  },
  {
    pattern: /^NOPERM/m,
    code: 'PERMISSION_DENIED',
    message: 'The Redis user may not run this command or touch this key.',
    hint: 'Widen the ACL of the user, or connect as another user.',
    reason: 'permission',
  },
  {
    pattern: /DB index is out of range|SELECT is not allowed in cluster mode/,
    code: 'CONNECTION_FAILED',
    message: 'The database number does not exist on this Redis server.',
    hint: 'Check the database number; a cluster has only 0.',
    reason: 'missing',
  },
  {
    pattern: /cluster support disabled/i,
    code: 'CONNECTION_FAILED',
    message: 'This Redis server is not part of a cluster.',
    hint: 'Choose the mode for a single server.',
    reason: 'missing',
  },
  {
    pattern: /^MOVED |^ASK /m,
    code: 'CONNECTION_FAILED',
    message: 'This Redis server is part of a cluster.',
    hint: 'Choose the cluster mode.',
  },
  {
    pattern: /^CLUSTERDOWN/m,
    code: 'CONNECTION_FAILED',
    message: 'The Redis cluster is down: not every slot is served.',
    hint: 'Bring the missing nodes back, then try again.',
    retryable: true,
  },
  {
    pattern: /^(LOADING|MASTERDOWN|TRYAGAIN|BUSY )/m,
    code: 'CONNECTION_FAILED',
    message: 'The Redis server is not ready to answer.',
    hint: 'It is loading its data, following a lost master or running a script; try again soon.',
    retryable: true,
  },
  {
    pattern: /^OOM/m,
    code: 'CONNECTION_FAILED',
    message: 'The Redis server has reached its memory limit.',
    hint: 'Raise maxmemory, set an eviction policy or remove keys.',
    retryable: true,
  },
  {
    pattern: /^(READONLY|MISCONF)/m,
    code: 'CONNECTION_FAILED',
    message: 'This Redis server does not take writes.',
    hint: 'Connect to the master, and check that it can save to its disk.',
  },
  {
    pattern: /Command timed out/,
    code: 'TIMEOUT',
    message: 'The Redis server did not answer the command in time.',
    retryable: true,
    reason: 'timeout',
  },
  { pattern: /^WRONGTYPE/m, code: 'CONFLICT', message: 'The key holds another type of value.' },
  { pattern: /unknown command/i, code: 'UNSUPPORTED', message: 'This Redis server does not know the command.' },
]

/** Turns whatever the driver threw into a coded error. The driver's own text goes to the log as the cause only. */
export function toRedisError(error: unknown, options: { isCancelled?: boolean } = {}): AppError {
  if (isAppError(error)) return error
  if (options.isCancelled === true) return cancelled(error)
  const text = errorChain(error)
    .map(link => (link instanceof Error ? link.message : ''))
    .join('\n')
  const rule = BY_TEXT.find(candidate => candidate.pattern.test(text))
  if (rule !== undefined) {
    const details = rule.reason === undefined ? undefined : { reason: rule.reason }
    return new AppError(rule.code, rule.message, {
      hint: rule.hint,
      retryable: rule.retryable,
      details,
      cause: loggable(error),
    })
  }
  return (
    networkError(error) ??
    new AppError('INTERNAL', 'Redis answered with an error that Tenantry does not know.', {
      hint: 'The log holds the server’s own words under the id of this error.',
      cause: loggable(error),
    })
  )
}
