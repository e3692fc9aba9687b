import classes from './state-mark.module.css'

export type Meaning = 'ok' | 'warn' | 'bad' | 'info' | 'quiet'

interface StateMarkProps {
  meaning: Meaning
  /** Always said in a word too: colour alone tells some people nothing. */
  children: React.ReactNode
  /** `dot`: in tables. `pill`: beside titles. */
  form?: 'dot' | 'pill'
  isBusy?: boolean
}

/** A state as colour and word. */
export function StateMark({ meaning, children, form = 'dot', isBusy = false }: StateMarkProps) {
  return (
    <span className={classes[form]} data-meaning={meaning} data-busy={isBusy}>
      {children}
    </span>
  )
}
