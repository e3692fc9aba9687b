import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { rootPath } from '../services/packages/debian-root.ts'
import { keptFolder } from '../services/packages/root-site.ts'
import { execute } from '../services/runtime/execute.ts'

/** Removes what servers keep for a data directory outside of it: within the unpacked root, and in docker volumes. */
export async function forgetKeptData(stores: string): Promise<void> {
  await rm(join(rootPath(), keptFolder(stores)), { recursive: true, force: true, maxRetries: 5 })
  const project = composeProject(stores)
  if (project === undefined) return
  await execute(['docker', 'compose', '-p', project, 'down', '--volumes', '--timeout', '5']).catch(() => undefined)
}

/** The name under which docker/up.ts keeps volumes; undefined when containers never served this demo. */
function composeProject(stores: string): string | undefined {
  const path = join(stores, 'services.json')
  if (!existsSync(path)) return undefined
  const { secrets } = JSON.parse(readFileSync(path, 'utf8')) as { secrets: Record<string, string> }
  const secret = secrets['compose-project']
  return secret === undefined ? undefined : `tenantry-${secret.slice(0, 8)}`
}
