import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { libraryPath, loaderPath } from '../packages/root-layout.ts'
import type { Run } from '../runtime/run.ts'
import type { Installation } from './installation.ts'

/**
 * A folder with psql, pg_dump and the other tools of the server's own version, for use from this machine. Tools of the
 * unpacked root need its newer C library, so each gets a wrapper that starts it through the root's own loader.
 */
export async function clientToolsFolder(run: Run, installation: Installation): Promise<string | undefined> {
  const { clientTools } = installation
  if (clientTools?.root === undefined) return clientTools?.binaries
  const { root, binaries } = clientTools
  const prefix = join(run.directory, 'postgresql-18-client')
  // PostgreSQL finds its files relative to the program, so the wrappers repeat Debian's layout.
  const folder = join(prefix, 'usr/lib/postgresql/18/bin')
  await mkdir(folder, { recursive: true })
  await symlink(join(root, 'usr/share'), join(prefix, 'usr/share'))
  const loader = await loaderPath(root)
  const libraries = await libraryPath(root)
  for (const tool of await readdir(binaries)) {
    const wrapper = join(folder, tool)
    const command = `exec '${loader}' --library-path '${libraries}' --argv0 '${wrapper}' '${join(binaries, tool)}' "$@"`
    await writeFile(wrapper, `#!/bin/sh\n${command}\n`)
    await chmod(wrapper, 0o755)
  }
  return folder
}
