import classes from './page-footer.module.css'

/** The buttons of a form that fills a screen, always in sight at the screen's bottom. */
export function PageFooter({ children }: { children: React.ReactNode }) {
  return <div className={classes.footer}>{children}</div>
}
