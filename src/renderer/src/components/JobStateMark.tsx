import type { JobState } from '#shared/contract/jobs.ts'
import { type Meaning, StateMark } from './StateMark.tsx'

const MEANING: Record<JobState, Meaning> = {
  queued: 'quiet',
  running: 'info',
  cancelling: 'warn',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'quiet',
  interrupted: 'bad',
}
const WORD: Record<JobState, string> = {
  queued: 'Queued',
  running: 'Running',
  cancelling: 'Stopping',
  succeeded: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
}
const BUSY: readonly JobState[] = ['running', 'cancelling']

export function JobStateMark({ state, form = 'dot' }: { state: JobState; form?: 'dot' | 'pill' }) {
  return (
    <StateMark meaning={MEANING[state]} form={form} isBusy={BUSY.includes(state)}>
      {WORD[state]}
    </StateMark>
  )
}
