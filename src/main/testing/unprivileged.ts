import { chmod, stat } from 'node:fs/promises'

const NOBODY = 65_534

/**
 * Runs the work while this process may read but not write the folder, and puts its mode back. Root may do everything, so as root
 * the work also runs as nobody.
 */
export async function withoutWriting<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { mode } = await stat(folder)
  const isRoot = process.geteuid?.() === 0
  await chmod(folder, 0o555)
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
    await chmod(folder, mode)
  }
}
