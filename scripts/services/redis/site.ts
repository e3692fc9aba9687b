import { ensureDebianRoot, rootObstacle } from '../packages/debian-root.ts'
import { rootSite } from '../packages/root-site.ts'
import { succeeds } from '../runtime/execute.ts'
import type { Run } from '../runtime/run.ts'
import { hostSite, type Site, serviceUser } from '../runtime/site.ts'

/**
 * Where a Redis server can run: in the unpacked root (Redis 8), otherwise as this machine's own redis-server.
 * @throws Error naming what is missing and how to provide it
 */
export async function redisSite(run: Run, name: string): Promise<Site> {
  if (rootObstacle() === undefined) return rootSite(run, await ensureDebianRoot(run.log), name)
  if (await succeeds(['redis-server', '--version'])) return hostSite(run, name, await serviceUser())
  throw new Error(
    'No Redis: no redis-server on the PATH, and no Debian packages can be unpacked here. ' +
      'Install redis-server, run docker, or give addresses in TENANTRY_TEST_REDIS_URL, _TLS_URL and _CLUSTER.',
  )
}
