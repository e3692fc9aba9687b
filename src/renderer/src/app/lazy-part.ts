import { type ComponentType, lazy } from 'react'
import { queryClient } from '../client/query-client.ts'

type Load<P> = () => Promise<{ default: ComponentType<P> }>

const waiting: Load<never>[] = []

/**
 * A part of the page with a file of its own, loaded when it is first shown, or when the page has nothing else to do: later
 * the console may be away, and a screen that is not there yet could not be shown.
 */
export function lazyPart<P>(load: Load<P>) {
  waiting.push(load as Load<never>)
  return lazy(load)
}

/** Loads what is still missing, one part after the other; parts bring further parts with them. */
async function loadParts(): Promise<void> {
  for (let load = waiting.shift(); load !== undefined; load = waiting.shift()) {
    // What fails now is tried again when it is shown.
    await load().catch(() => undefined)
    await idle()
  }
}

/** A page that asked for nothing for so long has shown what it was opened for. */
const QUIET_MS = 1_500
const IDLE_MS = 2_000

/** Calls `loadParts` once the page has come to rest; the returned function gives that up. */
export function loadPartsLater(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    clearTimeout(timer)
    unsubscribe()
  }
  const wait = () => {
    clearTimeout(timer)
    if (queryClient.isFetching() > 0) return
    timer = setTimeout(() => {
      stop()
      void loadParts()
    }, QUIET_MS)
  }
  const unsubscribe = queryClient.getQueryCache().subscribe(wait)
  wait()
  return stop
}

const idle = (): Promise<void> =>
  new Promise(resolve => {
    requestIdleCallback(() => resolve(), { timeout: IDLE_MS })
  })
