import type { Restore } from '#shared/contract/restore.model.ts'

export const RESTORE_STEPS = ['plan', 'beside', 'compare', 'confirm', 'swap', 'verified'] as const
export type RestoreStep = (typeof RESTORE_STEPS)[number]

export const STEP_WORDS: Record<RestoreStep, string> = {
  plan: 'Plan',
  beside: 'Restore beside',
  compare: 'Compare',
  confirm: 'Confirm',
  swap: 'Swap',
  verified: 'Verified',
}

type Known = Pick<Restore, 'state' | 'comparison' | 'verification'>

/**
 * Where a restore is. What the server says decides; only between comparing and confirming does the person choose.
 * @param asked `step` in the address
 */
export function stepOf(restore: Known, asked: string | null): RestoreStep {
  switch (restore.state) {
    case 'preparing':
      return 'beside'
    case 'ready':
      return asked === 'confirm' && restore.comparison !== null ? 'confirm' : 'compare'
    case 'swapping':
      return 'swap'
    case 'done':
    case 'undone':
      return 'verified'
    case 'failed':
    case 'cancelled':
    case 'discarded':
      return restore.comparison === null ? 'beside' : 'swap'
  }
}

/** Nothing more will come of it by itself, and nothing can be continued. */
export const isGivenUp = ({ state }: Pick<Restore, 'state'>): boolean =>
  state === 'failed' || state === 'cancelled' || state === 'discarded'

/** States that change without the person: they are read again and again. */
export const isMoving = ({ state }: Pick<Restore, 'state'>): boolean => state === 'preparing' || state === 'swapping'
