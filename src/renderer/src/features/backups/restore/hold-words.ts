import type { HOLDS } from '#shared/contract/restore.model.ts'

export type HoldMode = (typeof HOLDS)[number]

export interface HoldValues {
  hold: HoldMode
  /** Seconds. */
  lockTimeout: number
  /** Seconds. */
  limit: number
}

export const USUAL_HOLD: HoldValues = { hold: 'wait', lockTimeout: 2, limit: 60 }

export const LIMITS = {
  lockTimeout: { min: 0.1, max: 60 },
  limit: { min: 1, max: 600 },
  keepDays: { min: 1, max: 365 },
} as const

export const HOLD_WORDS: Record<HoldMode, { label: string; description: string }> = {
  wait: {
    label: 'Writers wait',
    description: 'Whoever writes waits until the swap is over; readers go on. Nobody sees an error.',
  },
  refuse: {
    label: 'Writers are refused',
    description:
      'Whoever writes gets a clear message at once; readers go on. It ends by itself, also if this console dies.',
  },
}

export const isWithin = (value: number | string, { min, max }: { min: number; max: number }): boolean =>
  typeof value === 'number' && value >= min && value <= max

export const toHold = ({ hold, lockTimeout, limit }: HoldValues) => ({
  hold,
  lockTimeoutMs: Math.round(lockTimeout * 1_000),
  limitSeconds: Math.round(limit),
})
