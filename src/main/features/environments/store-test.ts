import type { StoreName, Stores } from '#shared/contract/environment.model.ts'
import type { StoreTest } from '#shared/contract/environments.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { probeBackupStore } from '../../connections/backup/probe.ts'
import { openStore } from '../../connections/connections.ts'
import { within } from '../../connections/deadline.ts'
import { readRedisInfo } from '../../connections/redis/info.ts'
import { STORE_TITLES } from '../../connections/secret-vault.ts'

/** Milliseconds for connecting, asking and closing, per store. */
const LIMIT_MS = 20_000

type Findings = Pick<StoreTest, 'serverVersion' | 'latencyMs' | 'detail'>
type Tester<S extends StoreName> = (trial: Trial<S>, signal: AbortSignal) => Promise<Findings>

interface Trial<S extends StoreName> {
  settings: NonNullable<Stores[S]>
  secret: string | undefined
}

const TESTERS: { readonly [S in StoreName]: Tester<S> } = {
  postgres: testPostgres,
  mongo: testMongo,
  redis: testRedis,
  backup: testBackup,
}

export interface TestCaller {
  signal: AbortSignal
  /** Told of each failure, with the cause that the answer does not carry. */
  onFailure?: ((failure: AppError) => void) | undefined
}

/** Tries one store by itself, over a connection of its own. Never rejects: a failure is part of the answer. */
export async function testStore<S extends StoreName>(
  store: S,
  trial: () => Promise<Trial<S>>,
  { signal, onFailure }: TestCaller,
): Promise<StoreTest> {
  const nothing = { serverVersion: null, latencyMs: null, detail: null }
  try {
    const limit = { signal, milliseconds: LIMIT_MS, message: `${STORE_TITLES[store]} did not answer in time.` }
    const findings = await within(limit, async own => TESTERS[store](await trial(), own))
    return { store, ok: true, ...findings, error: null }
  } catch (error) {
    const failure = isAppError(error)
      ? error
      : new AppError('INTERNAL', 'The test itself failed.', { hint: 'The log holds the details.', cause: error })
    onFailure?.(failure)
    return { store, ok: false, ...nothing, error: failure.toData() }
  }
}

interface PostgresFacts {
  version: string
  database: string
  user: string
  tls: string | null
  may_create: boolean
  is_replica: boolean
}

const POSTGRES_FACTS = `
  select current_setting('server_version') as version, current_database() as database, current_user as user,
    (select s.version from pg_stat_ssl s where s.pid = pg_backend_pid() and s.ssl) as tls,
    has_database_privilege(current_database(), 'CREATE') as may_create, pg_is_in_recovery() as is_replica`

async function testPostgres(trial: Trial<'postgres'>, signal: AbortSignal): Promise<Findings> {
  const pool = openStore('postgres', trial.settings, trial.secret)
  try {
    return await pool.use(signal, async connection => {
      const facts = (await connection.query<PostgresFacts>(POSTGRES_FACTS)).rows[0]
      const latencyMs = await timed(() => connection.query('select 1'))
      if (facts === undefined) return { serverVersion: null, latencyMs, detail: null }
      const notes = [
        `Database ${facts.database} as ${facts.user}, ${facts.tls === null ? 'not encrypted' : `encrypted with ${facts.tls}`}.`,
        facts.is_replica ? 'This server is a replica: it takes no writes.' : '',
        facts.may_create ? '' : 'May create schemas: no, so tenants cannot be provisioned as this user.',
      ]
      return { serverVersion: facts.version, latencyMs, detail: sentence(notes) }
    })
  } finally {
    await pool.close()
  }
}

async function testMongo(trial: Trial<'mongo'>, signal: AbortSignal): Promise<Findings> {
  const mongo = openStore('mongo', trial.settings, trial.secret)
  try {
    return await mongo.use(signal, async db => {
      // A ping is answered without signing in; this is not.
      const collections = await db
        .listCollections({}, { nameOnly: true, authorizedCollections: true, signal })
        .toArray()
      const latencyMs = await timed(() => db.command({ ping: 1 }))
      const build = await db.admin().command({ buildInfo: 1 })
      const isEmpty = collections.length === 0
      const notes = [
        `Database ${db.databaseName} with ${collections.length} collections.`,
        isEmpty ? 'It is empty or does not exist yet; MongoDB creates it at the first write.' : '',
      ]
      return { serverVersion: String(build.version), latencyMs, detail: sentence(notes) }
    })
  } finally {
    await mongo.close()
  }
}

async function testRedis(trial: Trial<'redis'>, signal: AbortSignal): Promise<Findings> {
  const redis = openStore('redis', trial.settings, trial.secret)
  try {
    return await redis.use(signal, async client => {
      const latencyMs = await timed(() => client.ping())
      const info = await readRedisInfo(client)
      const { mode, database, tls } = trial.settings
      const notes = [
        mode === 'cluster'
          ? `Cluster with ${info.masters} masters, state ${info.clusterState}`
          : `Database ${database}`,
        `${tls.enabled ? ', encrypted' : ', not encrypted'}.`,
      ]
      return { serverVersion: info.version, latencyMs, detail: notes.join('') }
    })
  } finally {
    await redis.close()
  }
}

async function testBackup(trial: Trial<'backup'>, signal: AbortSignal): Promise<Findings> {
  const store = openStore('backup', trial.settings, trial.secret)
  try {
    const latencyMs = await timed(() => store.list({ prefix: 'backups/', limit: 1 }, signal))
    await probeBackupStore(store, signal)
    const { settings } = trial
    const what = settings.kind === 's3' ? `Bucket ${settings.bucket}` : `Folder ${settings.path}`
    return { serverVersion: null, latencyMs, detail: `${what}: listing, writing, reading and deleting work.` }
  } finally {
    await store.close()
  }
}

const sentence = (notes: readonly string[]): string => notes.filter(note => note !== '').join(' ')

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return Math.round((performance.now() - started) * 10) / 10
}
