import classes from './form-footer.module.css'

/** The buttons of a form, always in sight at the bottom of its drawer. */
export function FormFooter({ children }: { children: React.ReactNode }) {
  return <div className={classes.footer}>{children}</div>
}
