import { AppError, type ErrorCode, isAppError } from '#shared/errors.ts'
import { cancelled } from '../deadline.ts'
import { loggable } from '../loggable.ts'
import { errorChain, type FailureReason, networkError, stringProperty } from '../network-errors.ts'

interface Rule {
  code: ErrorCode
  message: string
  hint?: string
  retryable?: boolean
  reason?: FailureReason
}

const AUTHENTICATION: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'MongoDB refused the user or the password.',
  hint: 'Check the user in the URI, its password, and authSource (the database that knows the user).',
  reason: 'authentication',
}
const UNAUTHORIZED: Rule = {
  code: 'PERMISSION_DENIED',
  message: 'The MongoDB user lacks a privilege for this.',
  hint: 'Grant the role on this database, or connect as another user.',
  reason: 'permission',
}
const CHANGING: Rule = {
  code: 'CONNECTION_FAILED',
  message: 'The MongoDB server is shutting down, starting or changing its primary.',
  retryable: true,
  reason: 'lost',
}

/** Server error codes: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const BY_CODE: Readonly<Record<number, Rule>> = {
  13: UNAUTHORIZED,
  18: AUTHENTICATION,
  8000: AUTHENTICATION,
  26: { code: 'NOT_FOUND', message: 'The collection does not exist.' },
  48: { code: 'CONFLICT', message: 'A collection of this name exists already.' },
  50: { code: 'TIMEOUT', message: 'The operation took longer than it may.', retryable: true },
  59: { code: 'UNSUPPORTED', message: 'This server does not know the command.' },
  112: { code: 'CONFLICT', message: 'Another operation changed the same documents.', retryable: true },
  115: { code: 'UNSUPPORTED', message: 'This server does not support the command.' },
  121: { code: 'INVALID_INPUT', message: 'A document breaks a rule of its collection.' },
  11000: { code: 'CONFLICT', message: 'This value is already taken.' },
  91: CHANGING,
  189: CHANGING,
  10107: CHANGING,
  11600: CHANGING,
  11602: CHANGING,
  13435: CHANGING,
  13436: CHANGING,
}

const ruleOf = (link: unknown): Rule | undefined => {
  const code: unknown = Reflect.get(Object(link), 'code')
  const message = link instanceof Error ? link.message : ''
  // Servers answer 13 (Unauthorized) also to who has not said who they are.
  if (/requires authentication|authentication failed/i.test(message)) return AUTHENTICATION
  return typeof code === 'number' ? BY_CODE[code] : undefined
}

const INVALID_URI = /^Mongo(Parse|InvalidArgument|MissingCredentials|API)Error$/

/** Turns whatever the driver threw into a coded error. The driver's own text goes to the log as the cause only. */
export function toMongoError(error: unknown, options: { isCancelled?: boolean } = {}): AppError {
  if (isAppError(error)) return error
  if (options.isCancelled === true) return cancelled(error)
  const chain = errorChain(error)
  for (const link of chain) {
    const rule = ruleOf(link)
    if (rule === undefined) continue
    const details = { ...codeNameOf(link), ...(rule.reason === undefined ? {} : { reason: rule.reason }) }
    return new AppError(rule.code, rule.message, {
      hint: rule.hint,
      retryable: rule.retryable,
      details,
      cause: loggable(error),
    })
  }
  const network = networkError(error)
  if (network !== undefined) return network
  if (error instanceof Error && INVALID_URI.test(error.name)) {
    return new AppError('INVALID_INPUT', 'The MongoDB URI or one of its options is not valid.', {
      hint: 'Check the spelling of the options after the question mark.',
      cause: loggable(error),
    })
  }
  if (chain.some(link => link instanceof Error && link.name === 'MongoServerSelectionError')) {
    return new AppError('CONNECTION_FAILED', 'No suitable MongoDB server answered in time.', {
      hint: 'Check the hosts, replicaSet and readPreference in the URI, the network and the firewall.',
      retryable: true,
      details: { reason: 'timeout' },
      cause: loggable(error),
    })
  }
  return new AppError('INTERNAL', 'MongoDB answered with an error that Tenantry does not know.', {
    hint: 'The log holds the server’s own words under the id of this error.',
    details: codeNameOf(error),
    cause: loggable(error),
  })
}

const codeNameOf = (error: unknown): { codeName?: string } => {
  const codeName = stringProperty(error, 'codeName')
  return codeName === undefined ? {} : { codeName }
}
