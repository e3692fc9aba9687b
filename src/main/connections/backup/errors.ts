import { AppError, type ErrorCode, isAppError } from '#shared/errors.ts'
import { cancelled } from '../deadline.ts'
import { loggable } from '../loggable.ts'
import { errorChain, type FailureReason, networkError, stringProperty } from '../network-errors.ts'

interface Rule {
  code: ErrorCode
  message: string
  hint?: string
  retryable?: boolean
  reason?: FailureReason | 'clock'
}

const CREDENTIALS: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The backup store refused the access key or its secret.',
  hint: 'Check the access key id and the secret access key of this environment.',
  reason: 'authentication',
}
const DENIED: Rule = {
  code: 'PERMISSION_DENIED',
  message: 'The access key may not do this in the bucket.',
  hint: 'Allow s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads on the bucket.',
  reason: 'permission',
}
const WRONG_REGION: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The bucket is in another region or behind another endpoint.',
  hint: 'Check region and endpoint of the backup store.',
}
const FULL: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The backup store is full, or its quota is used up.',
  hint: 'Free space there, then try again. Nothing was stored.',
}
const BROKEN: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The backup store met an internal error.',
  hint: 'Try again in a while; if it stays so, its own log says why.',
  retryable: true,
}
const DAMAGED: Rule = { code: 'CONNECTION_FAILED', message: 'The data was damaged on its way.', retryable: true }
const TIMEOUT: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The server did not answer in time.',
  hint: 'Check the address, the network and the firewall.',
  retryable: true,
  reason: 'timeout',
}
const REMOVED: Rule = {
  code: 'CONFLICT',
  message: 'The unfinished upload was removed by somebody else.',
  hint: 'See who cleans up the backup store, maybe a lifecycle rule of the bucket, then try again.',
}
const BUSY: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The backup store asks to slow down.',
  hint: 'Try again when less is written to it.',
  retryable: true,
}

/** S3 error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_NAME: Readonly<Record<string, Rule>> = {
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  InvalidClientTokenId: CREDENTIALS,
  UnrecognizedClientException: CREDENTIALS,
  AccessDenied: DENIED,
  Forbidden: DENIED,
  AllAccessDisabled: DENIED,
  NoSuchBucket: {
    code: 'CONNECTION_FAILED',
    message: 'The bucket does not exist.',
    hint: 'Check the name of the bucket and path style addressing, or create the bucket.',
    reason: 'missing',
  },
  NoSuchKey: { code: 'NOT_FOUND', message: 'There is no such object in the backup store.' },
  NotFound: { code: 'NOT_FOUND', message: 'There is no such object in the backup store.' },
  PermanentRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  RequestTimeTooSkewed: {
    code: 'CONNECTION_FAILED',
    message: 'The clock of this machine differs too much from the clock of the backup store.',
    hint: 'Set the clock of this machine.',
    reason: 'clock',
  },
  QuotaExceeded: FULL,
  InsufficientStorage: FULL,
  XMinioStorageFull: FULL,
  SlowDown: BUSY,
  ServiceUnavailable: BUSY,
  Throttling: BUSY,
  ThrottlingException: BUSY,
  RequestThrottled: BUSY,
  TooManyRequests: BUSY,
  OperationAborted: BUSY,
  InternalError: BROKEN,
  BadDigest: DAMAGED,
  InvalidDigest: DAMAGED,
  XAmzContentSHA256Mismatch: DAMAGED,
  RequestTimeout: TIMEOUT,
  TimeoutError: TIMEOUT,
  PreconditionFailed: {
    code: 'CONFLICT',
    message: 'The object was replaced while it was read.',
    hint: 'Read it again from its beginning.',
  },
  NoSuchUpload: REMOVED,
}

const IN_THE_WAY: Rule = {
  code: 'CONFLICT',
  message: 'An object cannot be a folder of other objects here.',
  hint: 'Move the file that has the name of a folder, or the folder that has the name of the object, out of the way.',
}

/** Errors of the file system: https://nodejs.org/api/errors.html#common-system-errors */
const BY_SYSTEM_CODE: Readonly<Record<string, Rule>> = {
  EACCES: {
    code: 'PERMISSION_DENIED',
    message: 'This user may not use the backup folder.',
    hint: 'Give the user of this console read and write permission on the folder.',
    reason: 'permission',
  },
  EPERM: {
    code: 'PERMISSION_DENIED',
    message: 'The operating system does not permit this in the backup folder.',
    hint: 'Give the user of this console read and write permission on the folder.',
    reason: 'permission',
  },
  EROFS: {
    code: 'PERMISSION_DENIED',
    message: 'The backup folder is on a read-only disk.',
    hint: 'Choose another folder, or mount the disk for writing.',
    reason: 'permission',
  },
  ENOSPC: {
    code: 'CONNECTION_FAILED',
    message: 'The disk of the backup folder is full.',
    hint: 'Free space there, then try again. Nothing was stored.',
    retryable: true,
  },
  EDQUOT: {
    code: 'CONNECTION_FAILED',
    message: 'The disk quota of the backup folder is used up.',
    hint: 'Free space there, then try again. Nothing was stored.',
    retryable: true,
  },
  ENOTDIR: IN_THE_WAY,
  EISDIR: IN_THE_WAY,
  ENOTEMPTY: IN_THE_WAY,
  ENOENT: { code: 'NOT_FOUND', message: 'There is no such object in the backup store.' },
  EIO: {
    code: 'CONNECTION_FAILED',
    message: 'The disk of the backup folder reports a fault.',
    hint: 'Check the disk or the network share.',
    retryable: true,
  },
  ESTALE: { code: 'CONNECTION_FAILED', message: 'The network share of the backup folder is gone.', retryable: true },
}

const ruleOf = (link: unknown): Rule | undefined => {
  // The SDK calls every lost connection a TimeoutError; its code says better what happened.
  if (/^E[A-Z]+$/.test(stringProperty(link, 'code') ?? '') && stringProperty(link, 'name') === 'TimeoutError') return
  const names = [stringProperty(link, 'Code'), stringProperty(link, 'name')]
  for (const name of names) if (name !== undefined && BY_NAME[name] !== undefined) return BY_NAME[name]
  const code = stringProperty(link, 'code')
  if (code !== undefined && stringProperty(link, 'syscall') !== 'connect' && BY_SYSTEM_CODE[code] !== undefined) {
    return BY_SYSTEM_CODE[code]
  }
  const status: unknown = Reflect.get(Object(Reflect.get(Object(link), '$metadata')), 'httpStatusCode')
  if (status === 403) return DENIED
  if (status === 301 || status === 307) return WRONG_REGION
  if (status === 429 || status === 503) return BUSY
  if (status === 507) return FULL
  if (status === 500 || status === 502 || status === 504) return BROKEN
  return undefined
}

export const uploadRemoved = (cause: unknown): AppError =>
  new AppError(REMOVED.code, REMOVED.message, { hint: REMOVED.hint, cause: loggable(cause) })

/** Turns whatever the SDK or the file system threw into a coded error. Their own text goes to the log as the cause only. */
export function toBackupError(error: unknown, options: { isCancelled?: boolean } = {}): AppError {
  if (isAppError(error)) return error
  if (options.isCancelled === true) return cancelled(error)
  for (const link of errorChain(error)) {
    const rule = ruleOf(link)
    if (rule === undefined) continue
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
    new AppError('INTERNAL', 'The backup store answered with an error that Tenantry does not know.', {
      hint: 'The log holds the store’s own words under the id of this error.',
      cause: loggable(error),
    })
  )
}
