import { useSyncExternalStore } from 'react'

const TICK_MS = 10_000

let now = new Date()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

function tick(): void {
  now = new Date()
  for (const tell of listeners) tell()
}

function subscribe(listener: () => void): () => void {
  // Nobody ticks while nobody listens, so the first one finds an old time; React asks again after subscribing.
  if (listeners.size === 0) now = new Date()
  listeners.add(listener)
  timer ??= setInterval(tick, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** The time, fresh enough for “5 minutes ago”; all who ask share one clock. */
export const useNow = (): Date => useSyncExternalStore(subscribe, () => now)
