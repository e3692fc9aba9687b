import { IconArrowRight } from '@tabler/icons-react'
import type { Environment } from '#shared/contract/environment.model.ts'
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { HashText } from '../parts/HashText.tsx'
import { Moment } from '../parts/Moment.tsx'
import classes from './restore.module.css'

interface IdentityProps {
  environment: Pick<Environment, 'name' | 'class'>
  tenantName: string | undefined
  slug: string
  archiveAt: string
  archiveHash: string
  children?: React.ReactNode
}

/** What goes where, large and plain, on every step of a restore. */
export function Identity({ environment, tenantName, slug, archiveAt, archiveHash, children }: IdentityProps) {
  return (
    <section className={classes.identity} data-class={environment.class} aria-label="What is restored">
      <div className={classes.party}>
        <div className={classes.label}>Archive</div>
        <div className={classes.large}>
          <Moment value={archiveAt} />
        </div>
        <div className={classes.small}>
          <Timestamp value={archiveAt} />
          <span>
            hash <HashText value={archiveHash} label="Copy the archive’s hash" />
          </span>
          {children}
        </div>
      </div>
      <IconArrowRight size={28} stroke={1.6} className={classes.arrow} aria-label="goes to" />
      <div className={classes.party}>
        <div className={classes.label}>
          <EnvironmentBadge value={environment.class} />
          <span className="truncate" title={environment.name}>
            {environment.name}
          </span>
        </div>
        <div className={classes.large} title={tenantName}>
          {tenantName ?? slug}
        </div>
        <div className={classes.small}>
          <span className="mono">{slug}</span>
        </div>
      </div>
    </section>
  )
}
