import type { Restore } from '#shared/contract/restore.model.ts'
import { StateMark } from '../../../components/StateMark.tsx'
import { isMoving } from './restore-steps.ts'
import { STATE_LOOK } from './restore-words.ts'

interface RestoreMarkProps {
  restore: Pick<Restore, 'state' | 'problem'>
  form?: 'dot' | 'pill'
}

export function RestoreMark({ restore, form = 'dot' }: RestoreMarkProps) {
  const { meaning, word } = STATE_LOOK[restore.state]
  return (
    <span data-tip={restore.problem ?? undefined}>
      <StateMark meaning={meaning} form={form} isBusy={isMoving(restore)}>
        {word}
      </StateMark>
    </span>
  )
}
