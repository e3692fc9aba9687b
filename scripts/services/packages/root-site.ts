import { createHash } from 'node:crypto'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from '../runtime/run.ts'
import type { Site } from '../runtime/site.ts'
import { ROOT_USER } from './root-layout.ts'

/**
 * A folder within the unpacked root for one service. Servers there live in a chroot and need no mounts, hence no more
 * rights than chroot itself; their data therefore lies within the root: per run, or per data directory where it is kept.
 */
export async function rootSite(run: Run, root: string, name: string): Promise<Site> {
  const base = run.dataDirectory === undefined ? `/tmp/run-${run.id}` : keptFolder(run.dataDirectory)
  const top = join(root, base)
  if (!run.isKept && !run.state.current.directories.includes(top)) {
    run.state.update(state => state.directories.push(top))
  }
  const inside = join(base, name)
  const outside = join(root, inside)
  await mkdir(outside, { recursive: true })
  await chmod(top, 0o755)
  await chown(outside, ROOT_USER.uid, ROOT_USER.gid)
  return {
    outside,
    inside,
    owner: ROOT_USER,
    identity: {},
    command: argv => ['chroot', `--userspec=${ROOT_USER.uid}:${ROOT_USER.gid}`, root, ...argv],
  }
}

/** The folder below the root, as its services see it, that belongs to a kept data directory. */
export function keptFolder(dataDirectory: string): string {
  return join('/srv', createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16))
}
