import type { HostBridge } from '#shared/bridge.ts'
import { AppError, type ErrorData } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { type ClientFrame, MAX_FRAME_LENGTH, type ServerFrame } from '#shared/wire.ts'

export interface CallOptions {
  /** Aborting sends a cancel frame and rejects at once; a late answer is dropped. */
  signal?: AbortSignal | undefined
  /** Streams: called with every event, in order. */
  onEvent?: ((value: unknown) => void) | undefined
}

interface PendingCall {
  resolve: (value: unknown) => void
  reject: (error: AppError) => void
  onEvent: ((value: unknown) => void) | undefined
}

/** Matches answers to calls over a bridge that carries texts. It knows no operation and no host. */
export class Transport {
  private readonly bridge: HostBridge
  private readonly pending = new Map<string, PendingCall>()

  constructor(bridge: HostBridge) {
    this.bridge = bridge
    bridge.onFrame(text => this.receive(text))
  }

  call(op: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const { signal, onEvent } = options
    const id = newId()
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled())
      const text = JSON.stringify({ type: 'call', id, op, input } satisfies ClientFrame)
      if (text.length > MAX_FRAME_LENGTH) return reject(tooLong())
      const abort = () => {
        this.pending.delete(id)
        this.bridge.send(JSON.stringify({ type: 'cancel', id } satisfies ClientFrame))
        reject(cancelled())
      }
      const settle = () => {
        this.pending.delete(id)
        signal?.removeEventListener('abort', abort)
      }
      this.pending.set(id, {
        resolve: value => {
          settle()
          resolve(value)
        },
        reject: error => {
          settle()
          reject(error)
        },
        onEvent,
      })
      signal?.addEventListener('abort', abort, { once: true })
      this.bridge.send(text)
    })
  }

  private receive(text: string): void {
    const frame = parse(text)
    if (frame === undefined || frame.id === null) return
    const call = this.pending.get(frame.id)
    if (call === undefined) return
    if (frame.type === 'event') call.onEvent?.(frame.value)
    else if (frame.type === 'result') call.resolve(frame.value)
    else call.reject(rebuild(frame.error))
  }
}

/** Frames come from our own kernel; one that cannot be read belongs to no call and is dropped. */
function parse(text: string): ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null && 'type' in frame && 'id' in frame
      ? (frame as ServerFrame)
      : undefined
  } catch {
    return undefined
  }
}

/** Errors lose their class on the way; the page gets it back. */
const rebuild = (data: ErrorData): AppError => AppError.fromData(data)

const cancelled = (): AppError => new AppError('CANCELLED', 'The operation was cancelled.')

const tooLong = (): AppError =>
  new AppError('INVALID_INPUT', 'What you entered is too large.', { hint: 'Shorten the longest text and try again.' })
