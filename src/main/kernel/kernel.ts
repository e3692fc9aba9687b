import type { Logger } from 'pino'
import { AppError, invalidInput, isAppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import { ClientFrame, MAX_FRAME_LENGTH, type ServerFrame } from '#shared/wire.ts'
import type { Session } from './context.ts'
import type { Dispatcher } from './dispatch.ts'

/** Calls one connection may have in flight; a page that exceeds it is broken. */
const MAX_CALLS = 256

export interface KernelConnection {
  /** Takes one frame from the host; answers go through the function given to `connect`. */
  receive(text: string): void
  /** Cancels what is in flight. Jobs go on. */
  close(): void
}

/** Carries frames between hosts and operations. It knows no transport: a host gives it texts and takes texts. */
export class Kernel {
  private readonly dispatcher: Dispatcher
  private readonly log: Logger

  constructor(dispatcher: Dispatcher, log: Logger) {
    this.dispatcher = dispatcher
    this.log = log
  }

  connect(session: Session, send: (text: string) => void): KernelConnection {
    const calls = new Map<string, AbortController>()
    let isClosed = false
    const reply = (frame: ServerFrame) => {
      if (isClosed) return
      try {
        send(JSON.stringify(frame))
      } catch (error) {
        // The host notices by itself that its end is gone, and closes.
        this.log.warn({ err: error, call: frame.id }, 'answer not sent')
      }
    }
    const fail = (id: string | null, error: unknown) =>
      reply({ type: 'error', id, error: this.toError(error).toData() })
    const call = async (frame: ClientFrame & { type: 'call' }) => {
      const abort = new AbortController()
      calls.set(frame.id, abort)
      try {
        const emit = (value: Json) => {
          // Nothing follows the frame that ends a call.
          if (calls.get(frame.id) === abort) reply({ type: 'event', id: frame.id, value })
        }
        const request = { name: frame.op, input: frame.input, session, signal: abort.signal, emit }
        reply({ type: 'result', id: frame.id, value: await this.dispatcher.dispatch(request) })
      } catch (error) {
        fail(frame.id, error)
      } finally {
        calls.delete(frame.id)
      }
    }
    return {
      receive: text => {
        if (isClosed) return
        const frame = parseFrame(text)
        if (frame instanceof BadFrame) fail(frame.id, frame.error)
        else if (frame.type === 'cancel') calls.get(frame.id)?.abort()
        else if (calls.has(frame.id)) fail(frame.id, new AppError('CONFLICT', 'A call with this id is still running.'))
        else if (calls.size >= MAX_CALLS)
          fail(frame.id, new AppError('CONFLICT', 'Too many calls at once.', { retryable: true }))
        else void call(frame)
      },
      close: () => {
        isClosed = true
        for (const abort of calls.values()) abort.abort()
      },
    }
  }

  private toError(error: unknown): AppError {
    if (isAppError(error)) return error
    const unknown = new AppError('INTERNAL', 'Something went wrong inside Tenantry.', {
      hint: 'The log holds the details under the id of this error.',
      cause: error,
    })
    this.log.error({ err: error, errorId: unknown.id }, 'unexpected error')
    return unknown
  }
}

class BadFrame {
  readonly id: string | null
  readonly error: AppError

  constructor(id: string | null, message: string) {
    this.id = id
    this.error = invalidInput({}, message)
  }
}

function parseFrame(text: string): ClientFrame | BadFrame {
  if (typeof text !== 'string') return new BadFrame(null, 'A frame is a JSON text.')
  if (text.length > MAX_FRAME_LENGTH) {
    return new BadFrame(leadingId(text), `A frame is at most ${MAX_FRAME_LENGTH} characters long.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return new BadFrame(null, 'A frame is a JSON text.')
  }
  const frame = ClientFrame.safeParse(value)
  if (frame.success) return frame.data
  const id: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : undefined
  return new BadFrame(typeof id === 'string' ? id.slice(0, 64) : null, 'This is not a frame of the protocol.')
}

/** The id of an oversized call, found without parsing it: the client writes type and id first. */
const leadingId = (text: string): string | null => /^\{"type":"call","id":"([^"\\]{1,64})"/.exec(text)?.[1] ?? null
