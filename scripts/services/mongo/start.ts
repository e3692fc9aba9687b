import { fileURLToPath } from 'node:url'
import { ensureDebianRoot, rootObstacle } from '../packages/debian-root.ts'
import { rootSite } from '../packages/root-site.ts'
import { query, startPostgres } from '../postgres/server.ts'
import { startDaemon } from '../runtime/daemon.ts'
import { acceptsConnections } from '../runtime/ports.ts'
import type { Run } from '../runtime/run.ts'
import { toParameter } from './gateway/engine.ts'

const engineSettings = (socketFolder: string): string[] => [
  "shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'",
  "cron.database_name = 'postgres'",
  'cron.use_background_workers = on',
  'max_worker_processes = 16',
  // The extension connects back to its own server, as whatever user it works for.
  `documentdb.localhost_connection_string = 'host=${socketFolder}'`,
]

/** The two roles' users; names must not begin with pg or documentdb. The engine's roles are named in its create_user. */
const OWNER = 'owner'
const READER = 'reader'

/**
 * Starts a MongoDB-compatible server: PostgreSQL 18 with the DocumentDB extension, and in front of it this project's
 * own gateway for MongoDB's wire protocol.
 * @throws Error naming what is missing and how to provide it
 */
export async function startMongoService(run: Run): Promise<Record<string, string>> {
  const obstacle = rootObstacle()
  if (obstacle !== undefined) {
    throw new Error(
      `No MongoDB server: it is unpacked from Debian packages, but ${obstacle}. ` +
        'Run docker, or give an address in TENANTRY_TEST_MONGO_URL.',
    )
  }
  const root = await ensureDebianRoot(run.log)
  const engine = await startPostgres(run, {
    name: 'mongo-engine',
    site: await rootSite(run, root, 'mongo-engine'),
    binaries: '/usr/lib/postgresql/18/bin',
    settings: engineSettings,
    hasSocket: true,
  })
  await query(engine.url, 'CREATE EXTENSION IF NOT EXISTS documentdb CASCADE')
  await createUsers(run, engine.url)
  const port = await run.port('mongo')
  const daemon = await startDaemon(run, {
    name: 'mongo-gateway',
    argv: [process.execPath, fileURLToPath(new URL('./gateway/main.ts', import.meta.url))],
    env: { ENGINE_URL: engine.url, PORT: String(port) },
  })
  await daemon.ready(() => acceptsConnections(port))
  const url = (user: string): string =>
    // The engine cannot recognise a repeated write, so drivers must not repeat one on their own.
    `mongodb://${user}:${run.secret(`mongo-${user}`)}@127.0.0.1:${port}/?retryWrites=false`
  return { TENANTRY_TEST_MONGO_URL: url(OWNER), TENANTRY_TEST_MONGO_READONLY_URL: url(READER) }
}

async function createUsers(run: Run, url: string): Promise<void> {
  const known = await query(url, `SELECT 1 FROM pg_roles WHERE rolname = '${OWNER}'`)
  if (known.length > 0) return
  await createUser(run, url, { name: OWNER, roles: ['readWriteAnyDatabase', 'clusterAdmin'] })
  await createUser(run, url, { name: READER, roles: ['readAnyDatabase'] })
  // So that the owner can make users of its own with createUser.
  await query(url, `ALTER ROLE ${OWNER} CREATEROLE`)
  await query(url, `GRANT documentdb_admin_role, documentdb_readonly_role TO ${OWNER} WITH ADMIN OPTION`)
}

async function createUser(run: Run, url: string, user: { name: string; roles: string[] }): Promise<void> {
  const specification = {
    createUser: user.name,
    pwd: run.secret(`mongo-${user.name}`),
    roles: user.roles.map(role => ({ role, db: 'admin' })),
  }
  // Hexadecimal digits only, so the literal needs no quoting.
  await query(url, `SELECT documentdb_api.create_user('${toParameter(specification)}'::documentdb_core.bson)`)
}
