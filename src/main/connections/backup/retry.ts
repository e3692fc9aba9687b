import { setTimeout as pause } from 'node:timers/promises'
import type { AppError } from '#shared/errors.ts'
import { cancelled, throwIfCancelled } from '../deadline.ts'
import { toBackupError } from './errors.ts'

export interface RetryLimits {
  /** Tries in all. */
  attempts: number
  /** Tries in all when each one ends because nothing was heard: every one of them takes long. */
  silentAttempts: number
  /** Milliseconds of the first wait; each further one is twice as long. */
  firstWaitMs: number
  longestWaitMs: number
}

/** At most 3 seconds of waiting: enough for a restarted gateway, short enough for a person who typed a wrong port. */
export const RETRY_LIMITS: RetryLimits = { attempts: 5, silentAttempts: 3, firstWaitMs: 200, longestWaitMs: 5_000 }

const reasonOf = (error: AppError): unknown => Reflect.get(Object(error.details), 'reason')

/** Whether the failure may pass by itself, and was not this try's last. */
export function mayTryAgain(error: AppError, attempt: number, limits: RetryLimits): boolean {
  if (!error.retryable && reasonOf(error) !== 'clock') return false
  return attempt < (reasonOf(error) === 'timeout' ? limits.silentAttempts : limits.attempts)
}

/** Half of the wait is random, so that streams that failed together do not come back together. Ends with CANCELLED. */
export async function waitBefore(nextAttempt: number, limits: RetryLimits, signal: AbortSignal): Promise<void> {
  const whole = Math.min(limits.firstWaitMs * 2 ** (nextAttempt - 2), limits.longestWaitMs)
  await pause(whole / 2 + Math.random() * (whole / 2), undefined, { signal }).catch((error: unknown) => {
    throw cancelled(error)
  })
}

/** The work's result, tried again after failures that may pass. Rejects with coded errors; work is told which try it is, from 1. */
export async function withRetries<T>(
  signal: AbortSignal,
  limits: RetryLimits,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfCancelled(signal)
    try {
      return await work(attempt)
    } catch (error) {
      const coded = toBackupError(error, { isCancelled: signal.aborted })
      if (!mayTryAgain(coded, attempt, limits)) throw coded
    }
    await waitBefore(attempt + 1, limits, signal)
  }
}
