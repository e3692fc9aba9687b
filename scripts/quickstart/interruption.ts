import { abandonCommands } from '../services/runtime/execute.ts'

/** npm and the terminal may each pass on one and the same Ctrl-C; what comes this much later is another one. In ms. */
const SAME_KEY_MS = 1_000
export const EXIT_INTERRUPTED = 130

/**
 * Aborts when the person or the system wants this process to end, or its parent is gone. The second Ctrl-C does not wait: the
 * process ends at once, and the guard of the run ends the servers.
 */
export function onInterruption(): AbortSignal {
  const abort = new AbortController()
  let first = 0
  const interrupt = (): void => {
    if (abort.signal.aborted) {
      if (performance.now() - first > SAME_KEY_MS) process.exit(EXIT_INTERRUPTED)
      return
    }
    first = performance.now()
    abort.abort()
    abandonCommands()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  process.on('disconnect', interrupt)
  return abort.signal
}
