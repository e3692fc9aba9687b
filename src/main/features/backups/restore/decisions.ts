import type { PendingDecision } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'

type Answer = 'accepted' | 'declined' | 'timeout'

interface Waiting {
  decision: PendingDecision
  answer: (answer: Answer) => void
}

/**
 * Decisions that restores of this console wait for while they hold writers off. They live in memory on purpose: a hold dies with the
 * process that took it, and the question with it.
 */
export class Decisions {
  private readonly waiting = new Map<string, Waiting>()

  pending(restoreId: string): PendingDecision | null {
    return this.waiting.get(restoreId)?.decision ?? null
  }

  /** Rejects with NOT_FOUND when nothing is asked (any more), with CONFLICT when the token is of an older question. */
  decide(restoreId: string, token: string, accept: boolean): void {
    const found = this.waiting.get(restoreId)
    if (found === undefined) {
      throw new AppError('NOT_FOUND', 'This restore waits for no decision (any more).', {
        hint: 'Its limit may have passed; then nothing was changed. Look at the restore.',
      })
    }
    if (found.decision.token !== token) {
      throw new AppError('CONFLICT', 'Live data changed once more since this was shown.', {
        hint: 'Look at what changed, then decide again.',
      })
    }
    found.answer(accept ? 'accepted' : 'declined')
  }

  /** Resolves with the person's answer, or with `timeout` at the deadline. Rejects when the signal aborts. */
  async ask(decision: PendingDecision, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const timer = setTimeout(() => resolve('timeout'), Math.max(0, Date.parse(decision.deadline) - Date.now()))
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    this.waiting.set(decision.restoreId, { decision, answer: resolve })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      this.waiting.delete(decision.restoreId)
    }
  }
}
