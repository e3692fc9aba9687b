import type { Schedule } from '#shared/contract/schedules.ts'

export const KIND_WORDS: Record<Schedule['kind'], { title: string; detail: string }> = {
  fleet: { title: 'Back up all tenants', detail: 'One archive of each tenant.' },
  full: { title: 'Dump the whole database', detail: 'With pg_dump, in the custom format unless set otherwise.' },
  drill: {
    title: 'Restore drill',
    detail: 'The latest archives of a sample of tenants, restored into scratch schemas and measured.',
  },
  cleanup: { title: 'Clean up', detail: 'Removes archives that no retention rule keeps.' },
}

/** “3 runs missed”; undefined where none was. */
export const missedWords = (missed: number): string | undefined =>
  missed === 0 ? undefined : missed === 1 ? '1 run missed' : `${missed.toLocaleString('en')} runs missed`
