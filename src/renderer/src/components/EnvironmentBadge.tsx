import type { EnvironmentClass } from '#shared/permissions.ts'
import classes from './environment-badge.module.css'

/** The class of an environment as colour and word; both always, so that neither has to be seen to tell them apart. */
export function EnvironmentBadge({ value }: { value: EnvironmentClass }) {
  return (
    <span className={classes.badge} data-class={value}>
      {value}
    </span>
  )
}
