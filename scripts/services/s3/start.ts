import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ensureDebianRoot, rootObstacle } from '../packages/debian-root.ts'
import { rootSite } from '../packages/root-site.ts'
import { startDaemon } from '../runtime/daemon.ts'
import { acceptsConnections } from '../runtime/ports.ts'
import type { Run } from '../runtime/run.ts'
import { createBucket, s3Credentials } from './bucket.ts'
import { configureCluster, startGateway, startMonitor, startStore } from './cluster.ts'

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
  const credentials = s3Credentials(run)
  await startMonitor(cluster)
  await startStore(cluster)
  await startGateway(cluster, credentials)
  return createBucket(cluster.settings.gatewayPort, credentials)
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
