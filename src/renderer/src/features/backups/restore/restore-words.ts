import type { Restore } from '#shared/contract/restore.model.ts'
import type { Meaning } from '../../../components/StateMark.tsx'

export const PURPOSE_WORDS: Record<Restore['purpose'], string> = {
  replace: 'Restore',
  clone: 'Clone as a new tenant',
  transfer: 'Restore into another environment',
  rows: 'Chosen rows',
}

export const STATE_LOOK: Record<Restore['state'], { meaning: Meaning; word: string }> = {
  preparing: { meaning: 'info', word: 'Restoring beside' },
  ready: { meaning: 'warn', word: 'Waits for you' },
  swapping: { meaning: 'info', word: 'Swapping' },
  done: { meaning: 'ok', word: 'Restored' },
  undone: { meaning: 'quiet', word: 'Undone' },
  failed: { meaning: 'bad', word: 'Failed' },
  cancelled: { meaning: 'quiet', word: 'Cancelled' },
  discarded: { meaning: 'quiet', word: 'Discarded' },
}
