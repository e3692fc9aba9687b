import { startMongoService } from './mongo/start.ts'
import type { ServiceName } from './names.ts'
import { startPostgresService } from './postgres/start.ts'
import { startRedisClusterService } from './redis/cluster.ts'
import { startRedisService, startRedisTlsService } from './redis/start.ts'
import type { Certificates } from './runtime/certificates.ts'
import type { Run } from './runtime/run.ts'
import { startS3Service } from './s3/start.ts'

const ATTEMPTS = 3
/** How the servers' logs, Node and Ceph say that another process took a port between our finding and their opening it. */
const PORT_TAKEN = /address already in use|EADDRINUSE/i

/** Starts one service and returns the variables that tell of it. */
export function startService(
  run: Run,
  name: ServiceName,
  certificates: () => Promise<Certificates>,
): Promise<Record<string, string>> {
  return retryOnTakenPort(run, name, () => startOnce(run, name, certificates))
}

/** A free port may be taken before the server opens it; then the start is repeated with another one. */
export async function retryOnTakenPort<T>(run: Run, name: string, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if (attempt === ATTEMPTS || !PORT_TAKEN.test(String(error))) throw error
      run.log(`${name}: its port was taken, trying another`)
    }
  }
}

async function startOnce(
  run: Run,
  name: ServiceName,
  certificates: () => Promise<Certificates>,
): Promise<Record<string, string>> {
  switch (name) {
    case 'postgres15':
      return startPostgresService(run, 15, await certificates())
    case 'postgres18':
      return startPostgresService(run, 18, await certificates())
    case 'redis':
      return startRedisService(run)
    case 'redis-tls':
      return startRedisTlsService(run, await certificates())
    case 'redis-cluster':
      return startRedisClusterService(run)
    case 'mongo':
      return startMongoService(run)
    case 's3':
      return startS3Service(run)
  }
}
