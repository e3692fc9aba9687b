import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { MongoClient, MongoServerError } from 'mongodb'
import type { ServiceName } from '../names.ts'
import { connectionUrl, query, SUPERUSER } from '../postgres/server.ts'
import { postgresVariables } from '../postgres/start.ts'
import { clusterNodeNames, formCluster } from '../redis/cluster.ts'
import { answersPing } from '../redis/server.ts'
import type { Certificates } from '../runtime/certificates.ts'
import type { Run } from '../runtime/run.ts'
import { waitFor } from '../runtime/wait.ts'
import { createBucket, s3Credentials } from '../s3/bucket.ts'

type Variables = Record<string, string>
type Major = 15 | 18

const HOST = '127.0.0.1'
const READY_MS = 120_000
/** MongoDB: the replica set exists already; the user exists already. */
const ALREADY = new Set([23, 51003])

/** Waits until one container's server answers, makes what suites expect in it, and returns the variables. */
export function finish(run: Run, name: ServiceName, certificates: Certificates): Promise<Variables> {
  switch (name) {
    case 'postgres15':
      return finishPostgres(run, 15, certificates)
    case 'postgres18':
      return finishPostgres(run, 18, certificates)
    case 'mongo':
      return finishMongo(run)
    case 'redis':
      return finishRedis(run)
    case 'redis-tls':
      return finishRedisTls(run, certificates)
    case 'redis-cluster':
      return finishCluster(run)
    case 's3':
      return finishS3(run)
  }
}

const until = <T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> =>
  waitFor(probe, { what, timeoutMs: READY_MS })

async function finishPostgres(run: Run, major: Major, certificates: Certificates): Promise<Variables> {
  const name = `postgres${major}`
  const port = run.chosenPort(name)
  const url = connectionUrl({ user: SUPERUSER, password: run.secret(name), port })
  await until(name, () => query(url, 'SELECT 1'))
  const tools = `/usr/lib/postgresql/${major}/bin`
  return {
    ...(await postgresVariables(run, major, { url, port })),
    TENANTRY_TEST_PG_CA: certificates.ca,
    ...(existsSync(tools) ? { [`TENANTRY_TEST_PG${major}_BIN`]: tools } : {}),
  }
}

async function finishMongo(run: Run): Promise<Variables> {
  const port = run.chosenPort('mongo')
  const url = (user: string): string =>
    `mongodb://${user}:${run.secret(`mongo-${user}`)}@${HOST}:${port}/?directConnection=true`
  await until('mongo', () => prepareMongo(run, url('owner')))
  return { TENANTRY_TEST_MONGO_URL: url('owner'), TENANTRY_TEST_MONGO_READONLY_URL: url('reader') }
}

/** Makes the server a replica set of one and adds the reading user; fails as long as it is not its primary. */
async function prepareMongo(run: Run, url: string): Promise<true> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 })
  try {
    const admin = client.db('admin')
    const members = [{ _id: 0, host: `${HOST}:27017` }]
    await admin.command({ replSetInitiate: { _id: 'rs', members } }).catch(ignoreAlready)
    const roles = [{ role: 'readAnyDatabase', db: 'admin' }]
    await admin.command({ createUser: 'reader', pwd: run.secret('mongo-reader'), roles }).catch(ignoreAlready)
    return true
  } finally {
    await client.close()
  }
}

function ignoreAlready(error: unknown): void {
  if (!(error instanceof MongoServerError && ALREADY.has(Number(error.code)))) throw error
}

async function finishRedis(run: Run): Promise<Variables> {
  const port = run.chosenPort('redis')
  const password = run.secret('redis')
  await until('redis', () => answersPing({ host: HOST, port, password }))
  return { TENANTRY_TEST_REDIS_URL: `redis://:${password}@${HOST}:${port}` }
}

async function finishRedisTls(run: Run, certificates: Certificates): Promise<Variables> {
  const port = run.chosenPort('redis-tls')
  const password = run.secret('redis-tls')
  const tls = { ca: await readFile(certificates.ca) }
  await until('redis-tls', () => answersPing({ host: HOST, port, password, tls }))
  return {
    TENANTRY_TEST_REDIS_TLS_URL: `rediss://:${password}@${HOST}:${port}`,
    TENANTRY_TEST_REDIS_CA: certificates.ca,
  }
}

async function finishCluster(run: Run): Promise<Variables> {
  const password = run.secret('redis-cluster')
  const ports = clusterNodeNames().map(name => run.chosenPort(name))
  await until('redis-cluster', async () => {
    const answers = await Promise.all(ports.map(port => answersPing({ host: HOST, port, password })))
    return answers.every(Boolean)
  })
  const nodes = ports.map(port => ({ port, busPort: busPortOf(port) }))
  return formCluster(nodes, password)
}

/** The same rule as in compose.yaml; the bus is used within the container only. */
function busPortOf(port: number): number {
  return port < 50_000 ? port + 10_000 : port - 10_000
}

async function finishS3(run: Run): Promise<Variables> {
  const port = run.chosenPort('s3')
  return until('s3', () => createBucket(port, s3Credentials(run)))
}
