import { z } from 'zod'
import { newId } from './ids.ts'
import type { Json } from './json.ts'

/** Every failure a caller can meet, in any host. The list is closed: unknown failures are INTERNAL. */
export const ERROR_CODES = [
  'INVALID_INPUT',
  'PERMISSION_DENIED',
  'CONFIRMATION_REQUIRED',
  'NOT_FOUND',
  'CONFLICT',
  'TENANT_UNAVAILABLE',
  'CONNECTION_FAILED',
  'TIMEOUT',
  'CANCELLED',
  'UNSUPPORTED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** The form in which an error crosses a host boundary; JSON only. */
export interface ErrorData {
  code: ErrorCode
  message: string
  hint?: string | undefined
  /** INVALID_INPUT: `{ fields: { [path]: message } }`. Other codes say what they carry where they are thrown. */
  details?: Json | undefined
  retryable: boolean
  id: string
}

export interface AppErrorOptions {
  hint?: string | undefined
  details?: Json | undefined
  retryable?: boolean | undefined
  id?: string | undefined
  cause?: unknown
}

/** An error that may be shown to a person. `cause` and the stack stay in the process that threw it. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: Json | undefined
  readonly retryable: boolean
  readonly id: string

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint
    this.details = options.details
    this.retryable = options.retryable ?? false
    this.id = options.id ?? newId()
  }

  /** Rebuilds in the caller's process what `toData` carried across. */
  static fromData(data: ErrorData): AppError {
    return new AppError(data.code, data.message, data)
  }

  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
      retryable: this.retryable,
      id: this.id,
    }
  }
}

export const isAppError = (error: unknown): error is AppError => error instanceof AppError

/** INVALID_INPUT with one message per field; a path is the field names joined by dots. */
export function invalidInput(fields: Record<string, string>, message = 'Some values are not valid.'): AppError {
  return new AppError('INVALID_INPUT', message, { details: { fields } })
}

const FieldDetails = z.object({ fields: z.record(z.string(), z.string()) })

/** The messages by field that an error carries (INVALID_INPUT, and CONFLICT where one field is the cause). */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!isAppError(error) || (error.code !== 'INVALID_INPUT' && error.code !== 'CONFLICT')) return {}
  return FieldDetails.safeParse(error.details).data?.fields ?? {}
}

/** For the default branch of a switch over a closed union: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new AppError('INTERNAL', `Unexpected value: ${JSON.stringify(value)}`)
}
