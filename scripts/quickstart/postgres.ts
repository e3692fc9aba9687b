import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PostgresSettings } from '#shared/contract/environment.model.ts'
import { StepError } from '../lib/steps.mjs'
import { embeddedPostgres, type Installation } from '../services/postgres/installation.ts'
import { type PostgresServer, query, SUPERUSER, startPostgres } from '../services/postgres/server.ts'
import { execute } from '../services/runtime/execute.ts'
import type { Run } from '../services/runtime/run.ts'
import { hostSite, type Site, serviceUser } from '../services/runtime/site.ts'
import { retryOnTakenPort } from '../services/start-service.ts'
import { findSystemPostgres } from './system-postgres.ts'

export interface DemoPostgres {
  settings: PostgresSettings
  /** Absent where the server is reached through a socket. */
  secret?: string
  /** For people, for example "PostgreSQL 15 of this machine". */
  title: string
}

const NAME = 'postgres'
const DATABASE = 'hrms'
/** The kernel's limit for a socket's path, with room for the longest port; macOS has the smaller one (104). */
const LONGEST_SOCKET = 103
const LONGEST_FILE = '/.s.PGSQL.65535'

/**
 * Starts the demo's server over the data it had before, on loopback.
 * @throws StepError where no server can be had, or the data belongs to another version
 */
export async function startDemoPostgres(run: Run): Promise<DemoPostgres> {
  const { installation, title } = await chooseInstallation(run)
  const { site, binaries, hasStatistics } = installation
  await requireReach(site)
  const hasSocket = canUseSocket(site)
  const settings = (): string[] => (hasStatistics ? ["shared_preload_libraries = 'pg_stat_statements'"] : [])
  const server = await retryOnTakenPort(run, NAME, () =>
    startPostgres(run, { name: NAME, site, binaries, settings, hasSocket }),
  )
  const known = await query(server.url, `select 1 from pg_database where datname = '${DATABASE}'`)
  if (known.length === 0) await query(server.url, `create database ${DATABASE}`)
  return { title, ...address(run, server, hasSocket ? join(site.inside, 'socket') : undefined) }
}

/**
 * The console reaches the server through a socket in a folder that only its owner (and root) can enter: then no password has to
 * be kept, handed over or asked for, and a machine without a keychain is no worse off. Windows and very deep folders have no
 * such socket; there the generated password is handed to the console for its session.
 */
function address(run: Run, server: PostgresServer, socketFolder: string | undefined): Omit<DemoPostgres, 'title'> {
  const settings: PostgresSettings = {
    host: socketFolder ?? '127.0.0.1',
    port: server.port,
    database: DATABASE,
    user: SUPERUSER,
    tls: { mode: 'disable' },
    registrySchema: 'public',
  }
  return socketFolder === undefined ? { settings, secret: run.secret(NAME) } : { settings }
}

function canUseSocket(site: Site): boolean {
  const length = Buffer.byteLength(join(site.outside, 'socket')) + LONGEST_FILE.length
  return process.platform !== 'win32' && length <= LONGEST_SOCKET
}

async function chooseInstallation(run: Run): Promise<{ installation: Installation; title: string }> {
  if (process.platform === 'win32') throw noServer()
  const major = await majorOfData(join(await run.dataPath(NAME), 'data'))
  const system = await findSystemPostgres(major)
  if (system !== undefined) {
    const site = await hostSite(run, NAME, await serviceUser())
    return { installation: { ...system, site }, title: `PostgreSQL ${system.major} of this machine` }
  }
  const embedded = await embeddedPostgres()
  if (embedded !== undefined && (major === undefined || major === embedded.major)) {
    const installation = await embedded.install(run, NAME)
    return { installation, title: `PostgreSQL ${embedded.major} from npm` }
  }
  if (major === undefined) throw noServer()
  throw new StepError(
    `The demo's data is of PostgreSQL ${major}, and no such server is here any more.`,
    `Install PostgreSQL ${major} again, or begin anew: npm run quickstart -- --fresh`,
  )
}

const noServer = (): StepError =>
  new StepError(
    process.platform === 'win32'
      ? 'The demo’s own servers run on Linux (also in WSL) and macOS.'
      : `No PostgreSQL server is here, and npm has none for ${process.platform}-${process.arch}.`,
    'Install PostgreSQL 14 or later there, or name a server in TENANTRY_DEMO_DATABASE_URL.',
  )

/** undefined where there is no data, or no server has ever run on it. */
async function majorOfData(folder: string): Promise<number | undefined> {
  if (!existsSync(join(folder, 'postmaster.opts'))) return undefined
  return Number.parseInt(await readFile(join(folder, 'PG_VERSION'), 'utf8'), 10)
}

/** As root, the server runs as another user, who must be able to get to its folder. */
async function requireReach(site: Site): Promise<void> {
  if (site.owner === undefined) return
  try {
    await execute(['ls', site.outside], { cwd: '/', ...site.owner })
  } catch (error) {
    throw new StepError(
      `The servers' user cannot enter ${site.outside}: ${error instanceof Error ? error.message : ''}`,
      'A folder above it is closed. Open it (chmod o+x), or name another place in TENANTRY_DEMO_HOME.',
    )
  }
}
