import type { StoreHealth } from '#shared/contract/health.ts'
import { formatShare } from '../../lib/format.ts'
import classes from './health.module.css'
import { writeFigure } from './write-figure.ts'

/** From here on the bar of a figure warns, as the check itself does. */
const WARNING_SHARE = 0.8

/** A figure of a store; one with a maximum has a bar, with a mark where it begins to warn. */
export function Figure({ figure }: { figure: StoreHealth['figures'][number] }) {
  const { name, share } = figure
  if (share === null) {
    return (
      <div className={classes.figure}>
        <dt>{name}</dt>
        <dd>{writeFigure(figure)}</dd>
      </div>
    )
  }
  const isHigh = share >= WARNING_SHARE
  return (
    <div className={classes.figure} data-high={isHigh}>
      <dt>{name}</dt>
      <dd>
        {writeFigure(figure)}
        <span className={classes.share}>{isHigh ? `${formatShare(share)}, high` : formatShare(share)}</span>
        <div
          className={classes.bar}
          aria-hidden="true"
          style={{ '--share': share, '--warning': WARNING_SHARE } as React.CSSProperties}
        />
      </dd>
    </div>
  )
}
