import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { findPostgres, type Major } from './postgres/installation.ts'
import { startPostgres } from './postgres/server.ts'
import { execute } from './runtime/execute.ts'
import { openRun } from './runtime/open-run.ts'
import type { Run } from './runtime/run.ts'
import type { Site } from './runtime/site.ts'

/** A new cluster takes about 40 MB without its write-ahead log. */
const SMALLEST_MEGABYTES = 64
const BALLAST = 'ballast'

export interface SmallDiskOptions {
  /** Size of the disk; at least 64. */
  megabytes: number
  /** 15 unless told. */
  major?: Major
}

export interface SmallDiskServer {
  /** Superuser's connection URL. */
  url: string
  /** Bytes that are free now. */
  freeBytes(): Promise<number>
  /** Takes all space but this many bytes. */
  fill(leaveBytes?: number): Promise<void>
  /** Gives the space taken by fill back. */
  free(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL on a file system in memory of a fixed size, for tests of a full disk. Its write-ahead log lies
 * elsewhere: a full disk there stops the whole server, while a full data disk fails statements with SQLSTATE 53100.
 * Needs root and the right to mount.
 */
export async function startPostgresOnSmallDisk(options: SmallDiskOptions): Promise<SmallDiskServer> {
  const { megabytes, major = 15 } = options
  if (megabytes < SMALLEST_MEGABYTES) throw new Error(`A cluster needs ${SMALLEST_MEGABYTES} MB, not ${megabytes}`)
  if (process.getuid?.() !== 0) throw new Error('A small disk has to be mounted, which needs root')
  const { run, stop } = await openRun({})
  try {
    const name = 'small-disk'
    const { site, binaries } = await findPostgres(run, major, name)
    await mountMemory(run, site, megabytes)
    const walFolder = (await findPostgres(run, major, `${name}-wal`)).site.inside
    const { url } = await startPostgres(run, { name, site, binaries, walFolder })
    return { url, stop, ...ballastOf(site) }
  } catch (error) {
    await stop()
    throw error
  }
}

async function mountMemory(run: Run, site: Site, megabytes: number): Promise<void> {
  const owner = site.owner === undefined ? '' : `,uid=${site.owner.uid},gid=${site.owner.gid}`
  run.state.update(state => state.mounts.push(site.outside))
  await execute(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700${owner}`, 'tmpfs', site.outside])
}

function ballastOf(site: Site): Pick<SmallDiskServer, 'freeBytes' | 'fill' | 'free'> {
  const path = join(site.outside, BALLAST)
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(site.outside)
    return bavail * bsize
  }
  return {
    freeBytes,
    fill: async (leaveBytes = 0) => {
      const bytes = (await freeBytes()) - leaveBytes
      if (bytes <= 0) return
      await execute(['fallocate', '--offset', await sizeOf(path), '--length', String(bytes), path])
    },
    free: () => rm(path, { force: true }),
  }
}

async function sizeOf(path: string): Promise<string> {
  const file = await open(path, 'a')
  try {
    return String((await file.stat()).size)
  } finally {
    await file.close()
  }
}
