import { useEffect, useState } from 'react'

/** Quick answers show no skeleton: a flash of one is worse than a short nothing. */
export const SKELETON_DELAY_MS = 200

/** True once it has been asked for this long. */
export function useDelayed(milliseconds: number = SKELETON_DELAY_MS): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), milliseconds)
    return () => clearTimeout(timer)
  }, [milliseconds])
  return isOver
}
