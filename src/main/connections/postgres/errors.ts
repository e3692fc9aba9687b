import { AppError, type ErrorCode, isAppError } from '#shared/errors.ts'
import { cancelled } from '../deadline.ts'
import { loggable } from '../loggable.ts'
import { type FailureReason, networkError, stringProperty } from '../network-errors.ts'

interface Rule {
  code: ErrorCode
  message: string
  hint?: string
  retryable?: boolean
  reason?: FailureReason
}

/**
 * SQLSTATE to code; a five-character state wins over its two-character class.
 * States: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const BY_STATE: Readonly<Record<string, Rule>> = {
  '08': {
    code: 'CONNECTION_FAILED',
    message: 'The connection to PostgreSQL was lost.',
    hint: 'The console connects again by itself; try again.',
    retryable: true,
    reason: 'lost',
  },
  '0A': { code: 'UNSUPPORTED', message: 'This PostgreSQL server does not support this.' },
  '22': { code: 'INVALID_INPUT', message: 'A value does not fit its column.' },
  '23505': { code: 'CONFLICT', message: 'This value is already taken.' },
  '23503': { code: 'CONFLICT', message: 'Other rows refer to this one, or the row it refers to is missing.' },
  '23': { code: 'INVALID_INPUT', message: 'A value breaks a rule of the database.' },
  '25006': { code: 'PERMISSION_DENIED', message: 'This operation may only read.' },
  '28P01': {
    code: 'CONNECTION_FAILED',
    message: 'PostgreSQL refused the user or the password.',
    hint: 'Check the user name and the password of this environment.',
    reason: 'authentication',
  },
  '28000': {
    code: 'CONNECTION_FAILED',
    message: 'PostgreSQL does not let this user in from here.',
    hint: 'Check the user and the TLS mode, or ask for a pg_hba.conf entry for this user, database, address and encryption.',
    reason: 'authentication',
  },
  '3D000': {
    code: 'CONNECTION_FAILED',
    message: 'The database does not exist.',
    hint: 'Check the database name of this environment, or create the database.',
    reason: 'missing',
  },
  '3F000': { code: 'TENANT_UNAVAILABLE', message: 'The schema does not exist.' },
  '40001': { code: 'CONFLICT', message: 'Another transaction changed the same rows.', retryable: true },
  '40P01': { code: 'CONFLICT', message: 'Two transactions waited for each other.', retryable: true },
  '42501': {
    code: 'PERMISSION_DENIED',
    message: 'The database user lacks a privilege for this.',
    hint: 'Grant the privilege, or connect as another user.',
    reason: 'permission',
  },
  '42P06': { code: 'CONFLICT', message: 'A schema of this name exists already.' },
  '42P07': { code: 'CONFLICT', message: 'A table of this name exists already.' },
  '42710': { code: 'CONFLICT', message: 'An object of this name exists already.' },
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
  '57': {
    code: 'CONNECTION_FAILED',
    message: 'The PostgreSQL server is shutting down or starting.',
    hint: 'Try again when it is up; the console connects again by itself.',
    retryable: true,
    reason: 'lost',
  },
  '58': { code: 'CONNECTION_FAILED', message: 'The PostgreSQL server met a system error.', retryable: true },
}

/** Turns whatever the driver threw into a coded error. The driver's own text goes to the log as the cause only. */
export function toAppError(error: unknown, options: { isCancelled?: boolean } = {}): AppError {
  if (isAppError(error)) return error
  if (options.isCancelled === true) return cancelled(error)
  const state = stringProperty(error, 'code')
  const rule = ruleOf(state)
  if (rule !== undefined) {
    const details = {
      sqlState: state ?? '',
      ...(rule.reason === undefined ? {} : { reason: rule.reason }),
      ...pick(error, 'constraint'),
      ...pick(error, 'table'),
      ...pick(error, 'column'),
    }
    return new AppError(rule.code, rule.message, {
      hint: rule.hint,
      retryable: rule.retryable,
      details,
      cause: loggable(error),
    })
  }
  return passwordWanted(error) ?? networkError(error) ?? unknownError(error)
}

/** Without a SQLSTATE it did not come from the server but from the work that used the connection. */
function unknownError(error: unknown): AppError {
  const state = SQLSTATE.exec(stringProperty(error, 'code') ?? '')?.[0]
  const message =
    state === undefined
      ? 'Something went wrong inside Tenantry.'
      : 'PostgreSQL answered with an error that Tenantry does not know.'
  return new AppError('INTERNAL', message, {
    ...(state === undefined ? {} : { details: { sqlState: state } }),
    hint: 'The log holds the details under the id of this error.',
    cause: loggable(error),
  })
}

/** The driver itself gives up where a password is asked for and there is none, or where the server does not prove that it knows it. */
function passwordWanted(error: unknown): AppError | undefined {
  if (!(error instanceof Error) || !error.message.startsWith('SASL: ')) return undefined
  return new AppError('CONNECTION_FAILED', 'PostgreSQL asks for a password that this environment does not have.', {
    hint: 'Edit the environment and enter the password of the user.',
    details: { reason: 'authentication' },
    cause: loggable(error),
  })
}

/** Node's own codes (EPIPE has five characters as well) are no SQLSTATE: those begin with a digit, F, H, P or X. */
const SQLSTATE = /^[0-9FHPX][0-9A-Z]{4}$/

function ruleOf(state: string | undefined): Rule | undefined {
  if (state === undefined || !SQLSTATE.test(state)) return undefined
  return BY_STATE[state] ?? BY_STATE[state.slice(0, 2)]
}

const pick = (error: unknown, name: string): Record<string, string> => {
  const value = stringProperty(error, name)
  return value === undefined ? {} : { [name]: value }
}
