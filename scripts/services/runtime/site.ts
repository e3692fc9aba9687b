import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Run } from './run.ts'

export interface Identity {
  uid: number
  gid: number
}

/** Where a service lives: its data folder under the names that we and it use, and how its programs are run there. */
export interface Site {
  /** The folder as this process sees it. */
  outside: string
  /** The folder as the service sees it. */
  inside: string
  /** Who owns the service's files; undefined: whoever runs this. */
  owner: Identity | undefined
  /** The command line that runs one of the service's programs at this site. */
  command(argv: readonly [string, ...string[]]): [string, ...string[]]
  /** The user a started process takes on; empty where the command line itself changes the user. */
  identity: Partial<Identity>
}

/** A folder of this machine itself. As root, services run as the given unprivileged user. */
export async function hostSite(run: Run, name: string, user?: Identity): Promise<Site> {
  const folder = await run.dataPath(name)
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  await chmod(folder, 0o700)
  return { outside: folder, inside: folder, owner: user, identity: user ?? {}, command: argv => [...argv] }
}

/** Makes a folder below the site's own that its user owns. */
export async function makeFolder(site: Site, name: string): Promise<string> {
  const path = join(site.outside, name)
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (site.owner !== undefined) await chown(path, site.owner.uid, site.owner.gid)
  return join(site.inside, name)
}

/** Writes a file that only the site's user can read; returns its path as the service sees it. */
export async function writeOwned(site: Site, name: string, content: string | Buffer): Promise<string> {
  const path = join(site.outside, name)
  await writeFile(path, content)
  await chmod(path, 0o600)
  if (site.owner !== undefined) await chown(path, site.owner.uid, site.owner.gid)
  return join(site.inside, name)
}

export async function copyOwned(site: Site, name: string, source: string): Promise<string> {
  return writeOwned(site, name, await readFile(source))
}

/** A user of this machine from /etc/passwd; undefined when there is none of that name. */
export async function findUser(name: string): Promise<Identity | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n')
  const fields = lines.find(line => line.startsWith(`${name}:`))?.split(':')
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) }
}

/** The user that services run as when we are root: servers such as PostgreSQL refuse to run as root. */
export async function serviceUser(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const user = (await findUser('postgres')) ?? (await findUser('nobody'))
  if (user === undefined) throw new Error('Neither a user "postgres" nor "nobody" exists to run the servers as')
  return user
}
