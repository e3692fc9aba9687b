import { useCurrentEnvironment } from '../environment.tsx'
import classes from './shell.module.css'

/** The colour of the environment's class, on every screen; its word stands in the switcher below. */
export function EnvironmentStrip() {
  const environment = useCurrentEnvironment()
  return <div className={classes.strip} data-class={environment?.class} aria-hidden="true" />
}
