import parts from '../parts/parts.module.css'
import classes from './restore.module.css'

interface StepBodyProps {
  label: string
  identity: React.ReactNode
  children: React.ReactNode
  /** On the left: the way out, and what is destructive. */
  left?: React.ReactNode
  /** On the right: the way on. */
  right?: React.ReactNode
}

/** One step of a restore: what it is about, its content, and its buttons in sight at the bottom. */
export function StepBody({ label, identity, children, left, right }: StepBodyProps) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className={parts.scroll} tabIndex={0} aria-label={label}>
        <div className={parts.stack}>
          {identity}
          {children}
        </div>
      </section>
      {(left !== undefined || right !== undefined) && (
        <footer className={classes.footer} data-screen-footer>
          <div>{left}</div>
          <div>{right}</div>
        </footer>
      )}
    </>
  )
}
