import type { StoreHealth } from '#shared/contract/health.ts'
import type { BackupStore } from '../../connections/backup/backup-store.ts'
import { probeBackupStore } from '../../connections/backup/probe.ts'
import type { MongoConnection } from '../../connections/mongo/mongo-connection.ts'
import type { PostgresPool } from '../../connections/postgres/pool.ts'
import { readRedisInfo } from '../../connections/redis/info.ts'
import type { RedisConnection } from '../../connections/redis/redis-connection.ts'
import { figure, ofMaximum, stateOf } from './figures.ts'

export type Findings = Pick<StoreHealth, 'latencyMs' | 'figures'> & { state: 'ok' | 'warning' | 'failed' }

interface PostgresFigures {
  version: string
  used: number
  maximum: number
  uptime: number
  size: string
  is_replica: boolean
}

// Rows of pg_stat_activity are visible to every role; only their details are not.
const POSTGRES_FIGURES = `
  select current_setting('server_version') as version,
    (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
    current_setting('max_connections')::int as maximum,
    extract(epoch from now() - pg_postmaster_start_time())::int as uptime,
    pg_database_size(current_database())::text as size,
    pg_is_in_recovery() as is_replica`

export async function checkPostgres(pool: PostgresPool, signal: AbortSignal): Promise<Findings> {
  return await pool.use(signal, async connection => {
    const row = (await connection.query<PostgresFigures>(POSTGRES_FIGURES)).rows[0]
    const latencyMs = await timed(() => connection.query('select 1'))
    if (row === undefined) return { state: 'warning', latencyMs, figures: [] }
    const connections = ofMaximum('Connections', row.used, row.maximum)
    const figures = [
      figure('Version', row.version),
      connections,
      figure('Database size', row.size, 'bytes'),
      figure('Uptime', String(row.uptime), 's'),
      ...(row.is_replica ? [figure('Role', 'replica')] : []),
    ]
    return { state: stateOf([connections]), latencyMs, figures }
  })
}

export async function checkMongo(mongo: MongoConnection, signal: AbortSignal): Promise<Findings> {
  return await mongo.use(signal, async db => {
    const latencyMs = await timed(() => db.command({ ping: 1 }, { signal }))
    const build = await db.admin().command({ buildInfo: 1 }, { signal })
    // serverStatus needs the role clusterMonitor, which an application's user seldom has.
    const status: Record<string, unknown> | undefined = await db
      .admin()
      .command({ serverStatus: 1 }, { signal })
      .catch(() => undefined)
    const current = numberAt(status, 'connections', 'current')
    const available = numberAt(status, 'connections', 'available')
    const sessions = numberAt(status, 'logicalSessionRecordCache', 'activeSessionsCount')
    const connections =
      current === undefined ? undefined : ofMaximum('Connections', current, current + (available ?? 0))
    const figures = [
      figure('Version', String(build.version)),
      ...(connections === undefined ? [] : [connections]),
      ...(sessions === undefined ? [] : [figure('Sessions', String(sessions))]),
      ...(status === undefined ? [figure('Connections', 'not visible to this user')] : []),
    ]
    return { state: stateOf(connections === undefined ? [] : [connections]), latencyMs, figures }
  })
}

export async function checkRedis(redis: RedisConnection, signal: AbortSignal): Promise<Findings> {
  return await redis.use(signal, async client => {
    const latencyMs = await timed(() => client.ping())
    const info = await readRedisInfo(client)
    const memory = { ...ofMaximum('Memory', info.usedMemory, info.maximumMemory), unit: 'bytes' }
    const clients = ofMaximum('Clients', info.clients, info.maximumClients)
    const figures = [
      figure('Version', info.version ?? 'unknown'),
      figure('Ping', String(latencyMs), 'ms'),
      memory,
      clients,
      ...(info.clusterState === null
        ? []
        : [figure('Cluster state', info.clusterState), figure('Masters', String(info.masters))]),
    ]
    if (info.clusterState !== null && info.clusterState !== 'ok') return { state: 'failed', latencyMs, figures }
    // A cache that evicts is meant to be full; one that does not refuses writes when it is.
    const watched = info.evictionPolicy === 'noeviction' ? [memory, clients] : [clients]
    return { state: stateOf(watched), latencyMs, figures }
  })
}

export async function checkBackup(store: BackupStore, signal: AbortSignal): Promise<Findings> {
  const times = await probeBackupStore(store, signal)
  const figures = [
    figure('Write', String(times.write), 'ms'),
    figure('Read back', String(times.read), 'ms'),
    figure('Delete', String(times.delete), 'ms'),
  ]
  return { state: 'ok', latencyMs: times.write, figures }
}

function numberAt(document: unknown, section: string, field: string): number | undefined {
  const value: unknown = Reflect.get(Object(Reflect.get(Object(document), section)), field)
  return typeof value === 'number' ? value : undefined
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return Math.round((performance.now() - started) * 10) / 10
}
