import { IconCheck, IconX } from '@tabler/icons-react'
import classes from './restore.module.css'
import { RESTORE_STEPS, type RestoreStep, STEP_WORDS } from './restore-steps.ts'

interface RestoreStepperProps {
  step: RestoreStep
  /** It ended at this step, without success. */
  isFailed?: boolean
  /** The last step is behind, too. */
  isOver?: boolean
}

/** Where a restore is on its way. What is behind cannot be gone back to by a click: the server decides where a restore is. */
export function RestoreStepper({ step, isFailed = false, isOver = false }: RestoreStepperProps) {
  const current = RESTORE_STEPS.indexOf(step)
  return (
    <ol className={classes.stepper} aria-label="Steps of the restore">
      {RESTORE_STEPS.map((name, index) => {
        const isBehind = index < current || (isOver && index === current)
        const state = isBehind ? 'done' : index > current ? 'ahead' : isFailed ? 'failed' : 'current'
        return (
          <li
            key={name}
            className={classes.step}
            data-state={state}
            aria-current={index === current ? 'step' : undefined}
          >
            <span className={classes.number}>
              {state === 'done' && <IconCheck size={14} stroke={2.6} aria-label="done" />}
              {state === 'failed' && <IconX size={14} stroke={2.6} aria-label="failed" />}
              {(state === 'current' || state === 'ahead') && index + 1}
            </span>
            {STEP_WORDS[name]}
          </li>
        )
      })}
    </ol>
  )
}
