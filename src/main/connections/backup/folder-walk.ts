import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './folder-paths.ts'
import { compareKeys } from './key.ts'

/** Unfinished objects rest here until their rename; no key may begin with it. */
export const TEMPORARY_FOLDER = '.tenantry-unfinished'

interface Walk {
  prefix: string
  /** Only keys after this one. */
  after: string
}

/** Keys of all files below a folder in the order of their bytes; links are not followed, unfinished objects are left out. */
export async function* keysInOrder(root: string, walk: Walk, folder = ''): AsyncGenerator<string> {
  for (const name of await sortedNames(root, folder)) {
    const key = folder + name
    const isFolder = name.endsWith('/')
    if (key === `${TEMPORARY_FOLDER}/`) continue
    if (!mayHold(key, walk, isFolder)) continue
    if (isFolder) yield* keysInOrder(root, walk, key)
    else yield key
  }
}

/** Folders end with a slash, which is their place in the order of whole keys: `a.txt` comes before `a/b`. */
async function sortedNames(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    // Removed since its parent was read.
    if (folder !== '' && isMissing(error)) return []
    throw error
  })
  return entries
    .flatMap(entry => (entry.isDirectory() ? [`${entry.name}/`] : entry.isFile() ? [entry.name] : []))
    .sort(compareKeys)
}

/** Whether this key, or a key below this folder, may belong to the page. */
function mayHold(key: string, { prefix, after }: Walk, isFolder: boolean): boolean {
  const fits = key.startsWith(prefix) || (isFolder && prefix.startsWith(key))
  const isAfter = compareKeys(key, after) > 0 || (isFolder && after.startsWith(key))
  return fits && isAfter
}

/** The folders directly below a prefix, in the order of their bytes, as keys that end with a slash. */
export async function foldersInOrder(root: string, { prefix, after }: Walk): Promise<string[]> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const entries = await readdir(join(root, parent), { withFileTypes: true }).catch((error: unknown) => {
    if (parent !== '' && isMissing(error)) return []
    throw error
  })
  return entries
    .filter(entry => entry.isDirectory())
    .map(entry => `${parent}${entry.name}/`)
    .filter(key => key.startsWith(prefix) && key !== `${TEMPORARY_FOLDER}/` && compareKeys(key, after) > 0)
    .sort(compareKeys)
}
