import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import { loggable } from './loggable.ts'

/** Why a store could not be used; `details.reason` of the errors of this folder. */
export type FailureReason =
  | 'refused'
  | 'unknown-host'
  | 'tls-untrusted'
  | 'tls-refused'
  | 'tls-authority'
  | 'timeout'
  | 'lost'
  | 'authentication'
  | 'missing'
  | 'permission'

interface NetworkRule {
  reason: FailureReason
  codes: RegExp
  text: RegExp
  message: string
  hint: string
}

const NEVER = /(?!)/

/**
 * The first rule that fits wins: a certificate problem is named before the lost connection that follows from it.
 * Codes: https://nodejs.org/api/errors.html#nodejs-error-codes and https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const RULES: readonly NetworkRule[] = [
  {
    reason: 'tls-untrusted',
    codes: /CERT|^UNABLE_TO_|^INVALID_(CA|PURPOSE)|^HOSTNAME_MISMATCH/,
    text: /self[- ]signed|unable to (verify|get)|certificate has expired|altnames|does not match certificate/i,
    message: 'The certificate of the server is not trusted.',
    hint: 'Check the host name against the certificate, and enter the certificate authority that signed it.',
  },
  {
    reason: 'tls-refused',
    codes: /^EPROTO$|^ERR_SSL_|^ERR_TLS_/,
    text: /does not support SSL|wrong version number|SSL routines|secure TLS connection was established|packet length too long/i,
    message: 'The encrypted connection could not be set up.',
    hint: 'Check whether this port speaks TLS, and the TLS setting of this environment.',
  },
  {
    reason: 'refused',
    codes: /^ECONNREFUSED$/,
    text: /ECONNREFUSED/,
    message: 'Nothing listens at this address and port.',
    hint: 'Check host and port, and that the server runs.',
  },
  {
    reason: 'unknown-host',
    codes: /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_[A-Z]+)$/,
    text: /ENOTFOUND|EAI_AGAIN|querySrv E[A-Z]+/,
    message: 'The host name is not known.',
    hint: 'Check the spelling of the host, and the name service.',
  },
  {
    reason: 'timeout',
    codes: /^(ETIMEDOUT|ESOCKETTIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/,
    text: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout expired|connection timeout|timed out|timeout exceeded/i,
    message: 'The server did not answer in time.',
    hint: 'Check the address, the network and the firewall.',
  },
  {
    reason: 'refused',
    codes: NEVER,
    text: /connect ENOENT|connect EACCES|connect ENOTSOCK/,
    message: 'There is no server socket at this path.',
    hint: 'Check the socket folder and the port, and that the server runs.',
  },
  {
    reason: 'lost',
    codes: /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_DESTROYED|ERR_STREAM_PREMATURE_CLOSE)$/,
    text: /ECONNRESET|EPIPE|socket hang up|connection (is |was )?(closed|terminated|ended)|connection \d+ to .* closed|connection error|not queryable|stream isn't writeable/i,
    message: 'The connection was lost.',
    hint: 'The console connects again by itself; try again.',
  },
]

/** How deep drivers nest the failure that matters. */
const MAXIMUM_DEPTH = 6

/** The error itself, then its causes and the parts of an aggregate, the outermost first. */
export function errorChain(error: unknown, depth = 0): unknown[] {
  if (typeof error !== 'object' || error === null || depth > MAXIMUM_DEPTH) return []
  const inner = ['cause', 'reason', 'lastNodeError', 'originalError'].map((name): unknown => Reflect.get(error, name))
  const parts: unknown = Reflect.get(error, 'errors')
  const servers: unknown = Reflect.get(error, 'servers')
  const perServer =
    servers instanceof Map ? [...servers.values()].map(server => Reflect.get(Object(server), 'error')) : []
  const all = [...inner, ...(Array.isArray(parts) ? parts : []), ...perServer]
  return [error, ...all.flatMap(part => errorChain(part, depth + 1))]
}

export const stringProperty = (error: unknown, name: string): string | undefined => {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A failure between here and the server, or undefined when the server itself answered. The driver's words are the cause only. */
export function networkError(error: unknown, details: Record<string, Json> = {}): AppError | undefined {
  const chain = errorChain(error)
  const codes = chain.flatMap(link => stringProperty(link, 'code') ?? [])
  const text = chain.map(link => (link instanceof Error ? link.message : '')).join('\n')
  const rule = RULES.find(candidate => codes.some(code => candidate.codes.test(code)) || candidate.text.test(text))
  if (rule === undefined) return undefined
  return new AppError('CONNECTION_FAILED', rule.message, {
    hint: rule.hint,
    retryable: rule.reason === 'lost' || rule.reason === 'timeout' || rule.reason === 'refused',
    details: { ...details, reason: rule.reason },
    cause: loggable(error),
  })
}

/** A connection lost while it is being opened is seldom the network: plain text meets a TLS port, or the other way round. */
export function openingError(error: AppError): AppError {
  const reason: unknown = Reflect.get(Object(error.details), 'reason')
  if (reason !== 'lost') return error
  return new AppError('CONNECTION_FAILED', 'The server closed the connection as soon as it was opened.', {
    hint: 'Check whether this port speaks TLS, the TLS setting of this environment, and who the server lets in.',
    retryable: true,
    details: { reason: 'tls-refused' },
    cause: error.cause,
  })
}
