import type { ErrorCode } from '#shared/errors.ts'

/** Scripts tell failures apart by these; they never change their meaning. */
export const EXIT = { ok: 0, other: 1, input: 2, permission: 3, notFound: 4, connection: 5, cancelled: 130 } as const

const BY_CODE: Readonly<Record<ErrorCode, number>> = {
  INVALID_INPUT: EXIT.input,
  CONFIRMATION_REQUIRED: EXIT.input,
  PERMISSION_DENIED: EXIT.permission,
  NOT_FOUND: EXIT.notFound,
  CONNECTION_FAILED: EXIT.connection,
  TIMEOUT: EXIT.connection,
  CANCELLED: EXIT.cancelled,
  CONFLICT: EXIT.other,
  TENANT_UNAVAILABLE: EXIT.other,
  UNSUPPORTED: EXIT.other,
  INTERNAL: EXIT.other,
}

export const exitCodeOf = (code: ErrorCode): number => BY_CODE[code]
