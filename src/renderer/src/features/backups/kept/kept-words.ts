import type { KeptSchema } from '#shared/contract/restore.model.ts'

export const KEPT_WORDS: Record<KeptSchema['kind'], { what: string; detail: string }> = {
  before: { what: 'Live before a restore', detail: 'Undo brings it back.' },
  undone: { what: 'Taken away by an undo', detail: 'What a restore had brought.' },
  side: { what: 'Restored, not swapped', detail: 'Beside live; it was never in use.' },
  scratch: { what: 'Scratch of a verification', detail: 'Left over; nothing needs it.' },
}

/** Why a schema cannot be removed; undefined where it can. */
export const whyKept = (schema: Pick<KeptSchema, 'isInUse'>): string | undefined =>
  schema.isInUse ? 'It belongs to a restore that is on its way.' : undefined
