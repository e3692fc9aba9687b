import { useEffect, useEffectEvent } from 'react'

export const CHECK_EVERY_MS = 30_000

/** Runs the work again and again while it is wanted; a window that nobody sees asks nothing. */
export function useRepeatedly(isWanted: boolean, work: () => void): void {
  const run = useEffectEvent(work)
  useEffect(() => {
    if (!isWanted) return
    const timer = setInterval(() => {
      if (!document.hidden) run()
    }, CHECK_EVERY_MS)
    return () => clearInterval(timer)
  }, [isWanted])
}
