import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { ensureDebianRoot, rootObstacle } from '../packages/debian-root.ts'
import { rootSite } from '../packages/root-site.ts'
import { startDaemon } from '../runtime/daemon.ts'
import { acceptsConnections } from '../runtime/ports.ts'
import type { Run } from '../runtime/run.ts'
import { type Credentials, configureCluster, startGateway, startMonitor, startStore } from './cluster.ts'

const BUCKET = 'tenantry-test'
const REGION = 'us-east-1'
const ACCESS_KEY = 'tenantry'

/**
 * Starts an S3 server: Ceph's object gateway over a store in memory, and a bucket in it. Its data ends with the run
 * even where other services keep theirs.
 * @throws Error naming what is missing and how to provide it
 */
export async function startS3Service(run: Run): Promise<Record<string, string>> {
  const obstacle = rootObstacle()
  if (obstacle !== undefined) {
    throw new Error(
      `No S3 server: it is unpacked from Debian packages, but ${obstacle}. ` +
        'Run docker, or give an address in TENANTRY_TEST_S3_ENDPOINT, _ACCESS_KEY, _SECRET_KEY, _BUCKET and _REGION.',
    )
  }
  const root = await ensureDebianRoot(run.log)
  // Left over from an earlier run where data is kept.
  await rm((await rootSite(run, root, 's3')).outside, { recursive: true })
  const cluster = await configureCluster(run, await rootSite(run, root, 's3'), await startKeyService(run))
  const credentials = { accessKeyId: ACCESS_KEY, secretAccessKey: run.secret('s3') }
  await startMonitor(cluster)
  await startStore(cluster)
  await startGateway(cluster, credentials)
  const endpoint = `http://127.0.0.1:${cluster.settings.gatewayPort}`
  await createBucket(endpoint, credentials)
  return {
    TENANTRY_TEST_S3_ENDPOINT: endpoint,
    TENANTRY_TEST_S3_ACCESS_KEY: credentials.accessKeyId,
    TENANTRY_TEST_S3_SECRET_KEY: credentials.secretAccessKey,
    TENANTRY_TEST_S3_BUCKET: BUCKET,
    TENANTRY_TEST_S3_REGION: REGION,
  }
}

async function startKeyService(run: Run): Promise<number> {
  const port = await run.port('s3-vault')
  const daemon = await startDaemon(run, {
    name: 's3-vault',
    argv: [process.execPath, fileURLToPath(new URL('./vault.ts', import.meta.url))],
    env: { PORT: String(port) },
  })
  await daemon.ready(() => acceptsConnections(port))
  return port
}

export async function createBucket(endpoint: string, credentials: Credentials): Promise<void> {
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true })
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  } finally {
    client.destroy()
  }
}
