import { AppError, type ErrorCode, isAppError } from '#shared/errors.ts'

interface Rule {
  code: ErrorCode
  message: string
  hint?: string
  retryable?: boolean
}

/**
 * SQLSTATE to code; a five-character state wins over its two-character class.
 * States: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const BY_STATE: Readonly<Record<string, Rule>> = {
  '08': { code: 'CONNECTION_FAILED', message: 'The connection to PostgreSQL was lost.', retryable: true },
  '22': { code: 'INVALID_INPUT', message: 'A value does not fit its column.' },
  '23505': { code: 'CONFLICT', message: 'This value is already taken.' },
  '23503': { code: 'CONFLICT', message: 'Other rows refer to this one, or the row it refers to is missing.' },
  '23': { code: 'INVALID_INPUT', message: 'A value breaks a rule of the database.' },
  '25006': { code: 'PERMISSION_DENIED', message: 'This operation may only read.' },
  '28P01': {
    code: 'CONNECTION_FAILED',
    message: 'PostgreSQL refused the user or the password.',
    hint: 'Check the user name and the password of this environment.',
  },
  '28000': {
    code: 'CONNECTION_FAILED',
    message: 'PostgreSQL does not let this user in from here.',
    hint: 'Ask for a pg_hba.conf entry for this user, database, address and encryption.',
  },
  '3D000': {
    code: 'CONNECTION_FAILED',
    message: 'The database does not exist.',
    hint: 'Check the database name of this environment, or create the database.',
  },
  '3F000': { code: 'TENANT_UNAVAILABLE', message: 'The schema does not exist.' },
  '40001': { code: 'CONFLICT', message: 'Another transaction changed the same rows.', retryable: true },
  '40P01': { code: 'CONFLICT', message: 'Two transactions waited for each other.', retryable: true },
  '42501': {
    code: 'PERMISSION_DENIED',
    message: 'The database user lacks a privilege for this.',
    hint: 'Grant the privilege, or connect as another user.',
  },
  '42P01': { code: 'NOT_FOUND', message: 'The table does not exist.' },
  '42703': { code: 'NOT_FOUND', message: 'The column does not exist.' },
  '53100': {
    code: 'CONNECTION_FAILED',
    message: 'The disk of the PostgreSQL server is full.',
    hint: 'Free space on the server, then try again. Nothing was changed.',
    retryable: true,
  },
  '53200': {
    code: 'CONNECTION_FAILED',
    message: 'The PostgreSQL server is out of memory or locks.',
    hint: 'Raise max_locks_per_transaction, or try again when the server is less busy.',
    retryable: true,
  },
  '53300': {
    code: 'CONNECTION_FAILED',
    message: 'The PostgreSQL server has no free connection.',
    hint: 'Close other clients or raise max_connections.',
    retryable: true,
  },
  '53': { code: 'CONNECTION_FAILED', message: 'The PostgreSQL server lacks resources.', retryable: true },
  '55P03': { code: 'TIMEOUT', message: 'Another session holds a lock on this.', retryable: true },
  '57014': {
    code: 'TIMEOUT',
    message: 'The statement took longer than it may.',
    hint: 'Narrow the question, or try again when the server is less busy.',
    retryable: true,
  },
  '57': { code: 'CONNECTION_FAILED', message: 'The PostgreSQL server is shutting down or starting.', retryable: true },
  '58': { code: 'CONNECTION_FAILED', message: 'The PostgreSQL server met a system error.', retryable: true },
}

interface NetworkRule {
  pattern: RegExp
  message: string
  hint: string
}

const BY_TEXT: readonly NetworkRule[] = [
  {
    pattern: /ECONNREFUSED/,
    message: 'Nothing listens at this address and port.',
    hint: 'Check host and port, and that the server runs.',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    message: 'The host name is not known.',
    hint: 'Check the spelling of the host, and the name service.',
  },
  {
    pattern: /does not support SSL|self-signed|self signed|certificate|SSL|TLS|altnames/i,
    message: 'The encrypted connection could not be set up.',
    hint: 'Check the TLS mode and the certificate authority of this environment.',
  },
  {
    pattern: /ETIMEDOUT|timeout expired|EHOSTUNREACH|ENETUNREACH|Connection terminated due to connection timeout/i,
    message: 'The server did not answer in time.',
    hint: 'Check the address, the network and the firewall.',
  },
  {
    pattern: /ECONNRESET|EPIPE|Connection terminated|Client has encountered a connection error|not queryable/i,
    message: 'The connection to PostgreSQL was lost.',
    hint: 'The console connects again by itself; try again.',
  },
]

const property = (error: unknown, name: string): string | undefined => {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Turns whatever the driver threw into a coded error. The driver's own text goes to the log as the cause only. */
export function toAppError(error: unknown, options: { isCancelled?: boolean } = {}): AppError {
  if (isAppError(error)) return error
  const isCancel = options.isCancelled === true
  if (isCancel) return new AppError('CANCELLED', 'The operation was cancelled.', { cause: error })
  const state = property(error, 'code')
  const rule =
    state === undefined
      ? undefined
      : (BY_STATE[state] ?? (state.length === 5 ? BY_STATE[state.slice(0, 2)] : undefined))
  if (rule !== undefined) {
    const details = {
      sqlState: state ?? '',
      ...pick(error, 'constraint'),
      ...pick(error, 'table'),
      ...pick(error, 'column'),
    }
    return new AppError(rule.code, rule.message, { hint: rule.hint, retryable: rule.retryable, details, cause: error })
  }
  const text = `${state ?? ''} ${error instanceof Error ? error.message : String(error)}`
  const network = BY_TEXT.find(candidate => candidate.pattern.test(text))
  if (network !== undefined) {
    return new AppError('CONNECTION_FAILED', network.message, { hint: network.hint, retryable: true, cause: error })
  }
  return new AppError('INTERNAL', 'PostgreSQL answered with an error that Tenantry does not know.', {
    ...(state === undefined ? {} : { details: { sqlState: state } }),
    hint: 'The log holds the server’s own words under the id of this error.',
    cause: error,
  })
}

const pick = (error: unknown, name: string): Record<string, string> => {
  const value = property(error, name)
  return value === undefined ? {} : { [name]: value }
}
