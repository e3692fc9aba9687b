import { findPostgres, type Installation } from '../../../../../scripts/services/postgres/installation.ts'
import { type PostgresServer, startPostgres } from '../../../../../scripts/services/postgres/server.ts'
import { openRun } from '../../../../../scripts/services/runtime/open-run.ts'
import { eventually } from '../../../testing/eventually.ts'

export interface PrivateServer extends AsyncDisposable {
  /** Superuser's connection URL; the same after a restart. */
  url: string
  /** The immediate shutdown: no session ends in order, and what is not in the log on the disk is lost. */
  crash(): Promise<void>
  start(): Promise<void>
}

const NAME = 'postgres-private'
/** As a server is that is not made for tests: what was answered as committed is there after a crash. */
const SETTINGS = () => ['synchronous_commit = on', 'fsync = on', 'full_page_writes = on', 'autovacuum = off']

/** A PostgreSQL server of a test's own, to be crashed. */
export async function startPrivateServer(): Promise<PrivateServer> {
  const { run, stop } = await openRun({})
  const { site, binaries }: Installation = await findPostgres(run, 15, NAME)
  const start = () => startPostgres(run, { name: NAME, site, binaries, settings: SETTINGS })
  let server: PostgresServer = await start().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    url: server.url,
    crash: async () => {
      process.kill(server.daemon.record.pid, 'SIGQUIT')
      const { daemon } = server
      await eventually(() => {
        try {
          daemon.assertAlive()
          return undefined
        } catch {
          return true
        }
      })
    },
    start: async () => {
      server = await start()
    },
    [Symbol.asyncDispose]: stop,
  }
}
