import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { execute } from '../runtime/execute.ts'
import { cacheDirectory } from './cache.ts'
import { withLock } from './lock.ts'
import { debianMirror } from './mirror.ts'
import { finishRoot, prepareRoot } from './root-layout.ts'

/** Servers that Debian's stable suites lack or hold in too old versions; about 250 MB to download, 850 MB unpacked. */
const PACKAGES = ['postgresql-18-documentdb', 'ceph-mon', 'ceph-osd', 'radosgw', 'redis-server'] as const
/** What the maintainer scripts of those packages, which are not run, would expect to be there. */
const BASE = ['coreutils', 'dash', 'libc-bin'] as const
const SUITE = 'sid'
/** Raised when the layout of an unpacked root changes, so that older caches are rebuilt. */
const LAYOUT = 1
const LEFT_OUT = [
  './usr/share/doc',
  './usr/share/man',
  './usr/share/locale',
  './usr/share/i18n',
  '*/bitcode',
  './usr/lib/debug',
]
const MARKER = '.complete'

export function rootPath(): string {
  return join(cacheDirectory(), 'root')
}

/** Why no root can be made on this machine; undefined when one can. */
export function rootObstacle(): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) return 'this is not a Debian machine'
  if (process.getuid?.() !== 0) return 'this needs root (chroot and other users for the servers)'
  return undefined
}

async function isComplete(root: string): Promise<boolean> {
  try {
    return (await readFile(join(root, MARKER), 'utf8')) === marker()
  } catch {
    return false
  }
}

const marker = (): string => `${JSON.stringify({ layout: LAYOUT, packages: PACKAGES })}\n`

/**
 * Unpacks the servers' packages from Debian's unstable suite into a folder of their own, without their install
 * scripts, once for all runs. Returns the folder.
 * @throws Error when this machine cannot (not Debian, not root) or the download fails
 */
export async function ensureDebianRoot(log: (line: string) => void): Promise<string> {
  const obstacle = rootObstacle()
  if (obstacle !== undefined) throw new Error(`Servers cannot be unpacked from Debian packages: ${obstacle}`)
  const root = rootPath()
  if (await isComplete(root)) return root
  await withLock(join(cacheDirectory(), 'root.lock'), async () => {
    if (await isComplete(root)) return
    const draft = `${root}.draft`
    await rm(draft, { recursive: true, force: true })
    await unpack(draft, log)
    await writeFile(join(draft, MARKER), marker())
    await rm(root, { recursive: true, force: true })
    await rename(draft, root)
  })
  return root
}

async function unpack(root: string, log: (line: string) => void): Promise<void> {
  const apt = `${root}.apt`
  await rm(apt, { recursive: true, force: true })
  const archives = join(apt, 'archives')
  await mkdir(join(apt, 'lists', 'partial'), { recursive: true })
  await mkdir(join(archives, 'partial'), { recursive: true })
  const options = await aptOptions(apt)
  log('Downloading server packages (about 250 MB, once)')
  await execute(['apt-get', ...options, '-qq', 'update'])
  await execute(['apt-get', ...options, '-qq', '-y', '--download-only', 'install', ...BASE, ...PACKAGES])
  log('Unpacking server packages')
  await prepareRoot(root)
  const packages = (await readdir(archives)).filter(name => name.endsWith('.deb')).map(name => join(archives, name))
  await extractAll(packages, root)
  await finishRoot(root)
  await rm(apt, { recursive: true, force: true })
}

async function aptOptions(apt: string): Promise<string[]> {
  const list = join(apt, 'sources.list')
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  await writeFile(list, `deb [signed-by=${keyring}] ${await debianMirror()} ${SUITE} main\n`)
  return [
    `-oDir::Etc::sourcelist=${list}`,
    '-oDir::Etc::sourceparts=/dev/null',
    `-oDir::State::Lists=${join(apt, 'lists')}`,
    `-oDir::Cache=${apt}`,
    `-oDir::Cache::archives=${join(apt, 'archives')}`,
    // An empty status file: apt then downloads every dependency instead of relying on what this machine has installed.
    '-oDir::State::status=/dev/null',
    '-oAPT::Sandbox::User=root',
    '-oAPT::Install-Recommends=false',
    '-oAcquire::Retries=3',
    '-oDebug::NoLocking=1',
  ]
}

async function extractAll(packages: string[], root: string): Promise<void> {
  const queue = packages.values()
  const script =
    'set -e; package=$1; root=$2; shift 2; dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink "$@"'
  const exclusions = LEFT_OUT.map(pattern => `--exclude=${pattern}`)
  const worker = async (): Promise<void> => {
    for (const path of queue)
      await execute(['bash', '-o', 'pipefail', '-c', script, 'extract', path, root, ...exclusions])
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}
