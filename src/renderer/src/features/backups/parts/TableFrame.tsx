import classes from './parts.module.css'

interface TableFrameProps {
  label: string
  children: React.ReactNode
  /** Scrolls in itself beyond this, in pixels. */
  maxHeight?: number
}

/** A plain table in a frame; for rows that are not many. The keyboard can scroll it. */
export function TableFrame({ label, children, maxHeight }: TableFrameProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={classes.frame} tabIndex={0} aria-label={`Table: ${label}`} style={{ maxHeight }}>
      <table className={classes.table} aria-label={label}>
        {children}
      </table>
    </section>
  )
}
