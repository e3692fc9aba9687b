import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 25

export interface WaitOptions {
  /** Named in the error when the time is over. */
  what: string
  timeoutMs: number
  /** Throws when waiting any longer is pointless, for example because the process has died. */
  giveUp?: () => void
}

/**
 * Asks until the probe answers with something else than undefined or false.
 * @throws Error naming what was waited for and the probe's last error
 */
export async function waitFor<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs
  let lastError: unknown
  for (;;) {
    options.giveUp?.()
    try {
      const answer = await probe()
      if (answer !== undefined && answer !== false) return answer
    } catch (error) {
      lastError = error
    }
    if (Date.now() > deadline) {
      const reason = lastError instanceof Error ? `: ${lastError.message}` : ''
      throw new Error(`${options.what} not ready after ${options.timeoutMs} ms${reason}`, { cause: lastError })
    }
    await pause(POLL_MS)
  }
}
