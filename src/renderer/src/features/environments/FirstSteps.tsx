import { Button } from '@mantine/core'
import { IconFileImport, IconPlugConnected } from '@tabler/icons-react'
import { Link } from 'wouter'
import { paths } from '../../app/paths.ts'
import classes from './environments.module.css'

const ICON = { size: 26, stroke: 1.5, 'aria-hidden': true } as const

/** The two ways to the first environment. */
export function FirstSteps() {
  return (
    <div className={classes.steps}>
      <section className={classes.step} aria-labelledby="step-create">
        <IconPlugConnected {...ICON} />
        <h2 id="step-create">Connect a system</h2>
        <p>
          Enter where its PostgreSQL is, or paste a connection URL. MongoDB, Redis and a backup store can follow later.
        </p>
        <Button component={Link} href={paths.newEnvironment}>
          New environment
        </Button>
      </section>
      <section className={classes.step} aria-labelledby="step-import">
        <IconFileImport {...ICON} />
        <h2 id="step-import">Import what is configured</h2>
        <p>
          From an env file of your HR system or the variables of this process:{' '}
          <span className="mono">DATABASE_URL</span>, <span className="mono">MONGODB_URI</span>,{' '}
          <span className="mono">REDIS_HOST</span>, <span className="mono">S3_BUCKET</span>…
        </p>
        <Button component={Link} href={paths.importEnvironment} variant="default">
          Import from variables
        </Button>
      </section>
    </div>
  )
}
