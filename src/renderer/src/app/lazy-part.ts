import { type ComponentType, lazy } from 'react'

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
export async function loadParts(): Promise<void> {
  for (let load = waiting.shift(); load !== undefined; load = waiting.shift()) {
    // What fails now is tried again when it is shown.
    await load().catch(() => undefined)
    await idle()
  }
}

const IDLE_MS = 2_000

export const idle = (): Promise<void> =>
  new Promise(resolve => {
    requestIdleCallback(() => resolve(), { timeout: IDLE_MS })
  })
