import type { StoreHealth } from '#shared/contract/health.ts'
import classes from './health.module.css'
import { WARNING_SHARE, writeFigure, writeShare } from './write-figure.ts'

/** A figure of a store; one with a maximum has a bar, with a mark where it begins to warn. */
export function Figure({ figure }: { figure: StoreHealth['figures'][number] }) {
  const { name, value, share } = figure
  if (share === null) {
    return (
      <div className={classes.figure}>
        <dt>{name}</dt>
        <dd title={name === 'Version' ? value : undefined}>{writeFigure(figure)}</dd>
      </div>
    )
  }
  return (
    <div className={classes.figure} data-high={share >= WARNING_SHARE}>
      <dt>{name}</dt>
      <dd>
        {writeFigure(figure)}
        <span className={classes.share}>{writeShare(share)}</span>
        <div
          className={classes.bar}
          aria-hidden="true"
          style={{ '--share': share, '--warning': WARNING_SHARE } as React.CSSProperties}
        />
      </dd>
    </div>
  )
}
