import type { ErrorCode } from '#shared/errors.ts'
import type { ServerFrame } from '#shared/wire.ts'

export interface Failure {
  code: ErrorCode
  message: string
  hint?: string
  retryable: boolean
}

/** The error frame that the kernel would have sent, could it be reached. */
export function errorFrame(id: string, failure: Failure): string {
  const frame: ServerFrame = { type: 'error', id, error: { ...failure, id: crypto.randomUUID() } }
  return JSON.stringify(frame)
}
