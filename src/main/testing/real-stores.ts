import { readFileSync } from 'node:fs'
import type {
  MongoSettings,
  PostgresSettings,
  RedisSettings,
  S3Settings,
  TlsSettings,
} from '#shared/contract/environment.model.ts'
import { parseMongoUri, parsePostgresUrl, parseRedisUrl } from '#shared/environment-import.ts'
import { requireService } from './services.ts'

/** Settings of a real store, and the secret that belongs to them. */
export interface RealStore<T> {
  settings: T
  secret: string
}

export function realPostgres(
  tls: TlsSettings['mode'] = 'prefer',
  variable: string = 'TENANTRY_TEST_PG15_URL',
): RealStore<PostgresSettings> {
  const parsed = parsePostgresUrl(requireService(variable))
  if (!parsed.ok) throw new Error(`${variable}: ${parsed.problem}`)
  return { settings: { ...parsed.settings, tls: { mode: tls } }, secret: parsed.password ?? '' }
}

/** PEM of the authority that signed the certificates of the PostgreSQL and Redis servers. */
export const realAuthority = (): string => readFileSync(requireService('TENANTRY_TEST_REDIS_CA'), 'utf8')

export function realMongo(database: string): RealStore<MongoSettings> {
  const parsed = parseMongoUri(requireService('TENANTRY_TEST_MONGO_URL'), database)
  if (!parsed.ok) throw new Error(`TENANTRY_TEST_MONGO_URL: ${parsed.problem}`)
  return { settings: { ...parsed.settings, database }, secret: parsed.password ?? '' }
}

export function realRedis(): RealStore<RedisSettings> {
  return redisAt('TENANTRY_TEST_REDIS_URL')
}

export function realRedisTls(): RealStore<RedisSettings> {
  const { settings, secret } = redisAt('TENANTRY_TEST_REDIS_TLS_URL')
  return { settings: { ...settings, tls: { enabled: true, ca: realAuthority() } }, secret }
}

export function realRedisCluster(): RealStore<RedisSettings> {
  const secret = requireService('TENANTRY_TEST_REDIS_CLUSTER_PASSWORD')
  const parsed = parseRedisUrl(`redis://${requireService('TENANTRY_TEST_REDIS_CLUSTER')}`)
  if (!parsed.ok) throw new Error(`TENANTRY_TEST_REDIS_CLUSTER: ${parsed.problem}`)
  return { settings: { ...parsed.settings, mode: 'cluster' }, secret }
}

function redisAt(variable: string): RealStore<RedisSettings> {
  const parsed = parseRedisUrl(requireService(variable))
  if (!parsed.ok) throw new Error(`${variable}: ${parsed.problem}`)
  return { settings: parsed.settings, secret: parsed.password ?? '' }
}

export const realS3 = (): RealStore<S3Settings> => ({
  settings: {
    kind: 's3',
    endpoint: requireService('TENANTRY_TEST_S3_ENDPOINT'),
    region: requireService('TENANTRY_TEST_S3_REGION'),
    bucket: requireService('TENANTRY_TEST_S3_BUCKET'),
    pathStyle: true,
    accessKeyId: requireService('TENANTRY_TEST_S3_ACCESS_KEY'),
  },
  secret: requireService('TENANTRY_TEST_S3_SECRET_KEY'),
})
