import { AppError } from '#shared/errors.ts'
import { loggable } from './loggable.ts'

/** Milliseconds a store has to accept a connection. */
export const CONNECT_TIMEOUT_MS = 10_000

export const cancelled = (cause?: unknown): AppError =>
  new AppError('CANCELLED', 'The operation was cancelled.', { cause: loggable(cause) })

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled()
}

export interface Limit {
  signal: AbortSignal
  milliseconds: number
  /** What is said when the time is over. */
  message: string
}

/**
 * The work's result, unless the caller cancels (CANCELLED) or the time is over (TIMEOUT) first. The work receives a signal
 * that tells it of both and falls silent once it has ended; work that goes on regardless is no longer waited for.
 */
export async function within<T>(limit: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  throwIfCancelled(limit.signal)
  const own = new AbortController()
  const ended = Promise.withResolvers<never>()
  const end = (error: AppError) => {
    ended.reject(error)
    own.abort(error)
  }
  const onCancel = () => end(cancelled())
  limit.signal.addEventListener('abort', onCancel, { once: true })
  const timer = setTimeout(() => end(timeIsOver(limit)), limit.milliseconds)
  try {
    const running = work(own.signal)
    // The loser of the race may still fail later; nobody waits for it then.
    running.catch(() => undefined)
    return await Promise.race([running, ended.promise])
  } finally {
    clearTimeout(timer)
    limit.signal.removeEventListener('abort', onCancel)
  }
}

const timeIsOver = (limit: Limit): AppError =>
  new AppError('TIMEOUT', limit.message, {
    hint: 'Check the address, the network and the load of the server.',
    retryable: true,
    details: { reason: 'timeout' },
  })

/** The promise's result, unless the signal aborts first; the promise itself goes on. */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  throwIfCancelled(signal)
  const ended = Promise.withResolvers<never>()
  const onAbort = () => ended.reject(cancelled())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, ended.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    promise.catch(() => undefined)
  }
}
