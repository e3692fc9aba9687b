import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '../names.ts'
import { hostBasedAccess } from '../postgres/server.ts'
import { clusterNodeNames } from '../redis/cluster.ts'
import type { Certificates } from '../runtime/certificates.ts'
import { execute, succeeds } from '../runtime/execute.ts'
import type { Run } from '../runtime/run.ts'
import { finish } from './finish.ts'

const COMPOSE_FILE = fileURLToPath(new URL('./compose.yaml', import.meta.url))
/** The first start of a machine downloads the images. */
const UP_MS = 15 * 60_000

/** Whether an engine answers; the client program alone is no use. */
export async function hasDocker(): Promise<boolean> {
  const isRunning = await succeeds(['docker', 'info', '--format', '{{.ServerVersion}}'])
  return isRunning && (await succeeds(['docker', 'compose', 'version']))
}

/** Starts the containers of the named services; the result waits for one of them and returns its variables. */
export async function startContainers(
  run: Run,
  names: readonly ServiceName[],
  certificates: Certificates,
): Promise<(name: ServiceName) => Promise<Record<string, string>>> {
  const project = projectName(run)
  run.state.update(state => {
    state.compose = { project, keepsVolumes: run.isKept }
  })
  const env = { ...process.env, ...(await composeVariables(run, certificates)) }
  await execute(['docker', 'compose', '-f', COMPOSE_FILE, '-p', project, 'up', '--detach', ...names], {
    env,
    timeoutMs: UP_MS,
  })
  return name => finish(run, name, certificates)
}

/** Kept data lives in volumes that belong to the project, so its name must be the same on every start. */
function projectName(run: Run): string {
  return run.isKept ? `tenantry-${run.secret('compose-project').slice(0, 8)}` : `tenantry-${run.id}`
}

async function composeVariables(run: Run, certificates: Certificates): Promise<Record<string, string>> {
  const clusterPorts = await Promise.all(clusterNodeNames().map(name => run.port(name)))
  return {
    TLS: await shareCertificates(run, certificates),
    POSTGRES15_PORT: String(await run.port('postgres15')),
    POSTGRES15_PASSWORD: run.secret('postgres15'),
    POSTGRES18_PORT: String(await run.port('postgres18')),
    POSTGRES18_PASSWORD: run.secret('postgres18'),
    MONGO_PORT: String(await run.port('mongo')),
    MONGO_PASSWORD: run.secret('mongo-owner'),
    REDIS_PORT: String(await run.port('redis')),
    REDIS_PASSWORD: run.secret('redis'),
    REDIS_TLS_PORT: String(await run.port('redis-tls')),
    REDIS_TLS_PASSWORD: run.secret('redis-tls'),
    REDIS_CLUSTER_PORTS: clusterPorts.join(' '),
    ...Object.fromEntries(clusterPorts.map((port, index) => [`REDIS_CLUSTER_PORT_${index + 1}`, String(port)])),
    REDIS_CLUSTER_PASSWORD: run.secret('redis-cluster'),
    S3_PORT: String(await run.port('s3')),
    S3_PASSWORD: run.secret('s3'),
    S3_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  }
}

/** A folder with what the containers read; their users get copies of their own. */
async function shareCertificates(run: Run, certificates: Certificates): Promise<string> {
  const folder = join(run.directory, 'tls')
  await mkdir(folder, { recursive: true })
  await copyFile(certificates.ca, join(folder, 'ca.crt'))
  await copyFile(certificates.certificate, join(folder, 'server.crt'))
  await copyFile(certificates.key, join(folder, 'server.key'))
  await writeFile(join(folder, 'pg_hba.conf'), hostBasedAccess(['all'], 'trust'))
  return folder
}
