import type { ErrorCode } from '#shared/errors.ts'
import type { ServerFrame } from '#shared/wire.ts'

export interface FrameHead {
  type: string
  id: string
}

/** Both sides write `type` and `id` first, so that a long answer need not be parsed twice. */
const HEAD = /^\{"type":"([a-z]{1,16})","id":"([^"\\]{1,64})"/

/** What a frame is and which call it belongs to; nothing when it names no call. */
export function frameHead(frame: string): FrameHead | undefined {
  const [, type, id] = HEAD.exec(frame) ?? []
  if (type !== undefined && id !== undefined) return { type, id }
  try {
    const value: unknown = JSON.parse(frame)
    if (typeof value !== 'object' || value === null) return undefined
    const fields = { type: Reflect.get(value, 'type') as unknown, id: Reflect.get(value, 'id') as unknown }
    return typeof fields.type === 'string' && typeof fields.id === 'string' ? (fields as FrameHead) : undefined
  } catch {
    return undefined
  }
}

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
