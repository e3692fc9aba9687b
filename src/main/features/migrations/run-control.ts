/** Holds a run between two tenants; what is under way is finished. */
export class RunControl {
  private reason: string | null = null
  private waiting: (() => void)[] = []

  /** Why the run stands still; null while it goes on. */
  get pausedBecause(): string | null {
    return this.reason
  }

  pause(reason: string): void {
    this.reason = reason
  }

  resume(): void {
    this.reason = null
    for (const go of this.waiting.splice(0)) go()
  }

  /** Resolves at once, or when the run is resumed; rejects with the signal's reason when it is cancelled. */
  async passes(signal: AbortSignal): Promise<void> {
    while (this.reason !== null) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => reject(signal.reason)
        signal.addEventListener('abort', onAbort, { once: true })
        this.waiting.push(() => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        })
      })
    }
  }
}
