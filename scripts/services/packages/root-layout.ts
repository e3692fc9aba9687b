import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from '../runtime/execute.ts'

/** The user that servers within the root run as; 70 is no Debian system user, so files never fall to another one. */
export const ROOT_USER = { uid: 70, gid: 70 } as const

const MERGED = ['bin', 'sbin', 'lib', 'lib64']
const WRITABLE = ['tmp', 'dev/shm', 'srv']
const PASSWD = [
  'root:x:0:0:root:/:/bin/sh',
  `postgres:x:${ROOT_USER.uid}:${ROOT_USER.gid}:servers:/tmp:/bin/sh`,
  '',
].join('\n')
const GROUP = ['root:x:0:', `postgres:x:${ROOT_USER.gid}:`, ''].join('\n')
/** Character devices as major and minor numbers, from the kernel's devices.txt. */
const DEVICES = { null: ['1', '3'], zero: ['1', '5'], random: ['1', '8'], urandom: ['1', '9'] } as const

/** The empty frame that packages are unpacked into: merged /usr and the folders that no package brings. */
export async function prepareRoot(root: string): Promise<void> {
  for (const name of MERGED) {
    await mkdir(join(root, 'usr', name), { recursive: true })
    await symlink(`usr/${name}`, join(root, name))
  }
  for (const name of ['etc', 'proc', 'run', 'var/tmp', 'var/lib']) await mkdir(join(root, name), { recursive: true })
  for (const name of WRITABLE) {
    await mkdir(join(root, name), { recursive: true })
    await chmod(join(root, name), 0o1777)
  }
}

/** What install scripts and update-alternatives would have added. */
export async function finishRoot(root: string): Promise<void> {
  await writeFile(join(root, 'etc/passwd'), PASSWD)
  await writeFile(join(root, 'etc/group'), GROUP)
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n')
  for (const [name, numbers] of Object.entries(DEVICES)) {
    await execute(['mknod', '-m', '666', join(root, 'dev', name), 'c', ...numbers])
  }
  const libraries = await libraryPath(root)
  for (const [library, folder] of [
    ['libblas.so.3', 'blas'],
    ['liblapack.so.3', 'lapack'],
  ] as const) {
    const isThere = existsSync(join(libraries, folder, library))
    if (isThere && !existsSync(join(libraries, library))) await symlink(join(folder, library), join(libraries, library))
  }
  const extensions = join(root, 'usr/share/postgresql/18/extension')
  if (existsSync(join(extensions, 'postgis-3.control')) && !existsSync(join(extensions, 'postgis.control'))) {
    await symlink('postgis-3.control', join(extensions, 'postgis.control'))
  }
  if (!existsSync(join(root, 'usr/bin/sh'))) await symlink('dash', join(root, 'usr/bin/sh'))
}

/** The root's multiarch library folder, for example …/usr/lib/x86_64-linux-gnu. */
export async function libraryPath(root: string): Promise<string> {
  const folders = await readdir(join(root, 'usr/lib'))
  const triplet = folders.find(name => name.endsWith('-linux-gnu'))
  if (triplet === undefined) throw new Error(`${root} holds no libraries: remove it and start again`)
  return join(root, 'usr/lib', triplet)
}

/** The root's own dynamic loader, which runs its programs where the machine's C library is older than theirs. */
export async function loaderPath(root: string): Promise<string> {
  const libraries = await libraryPath(root)
  const loader = (await readdir(libraries)).find(name => /^ld-linux.*\.so\.\d+$/.test(name))
  if (loader === undefined) throw new Error(`${libraries} holds no dynamic loader`)
  return join(libraries, loader)
}
