import { open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { cancelled, throwIfCancelled } from '../deadline.ts'
import { flushFolder, inside, isMissing, makeFolder } from './folder-paths.ts'

const PUT_ATTEMPTS = 3
/** What was last written to so long ago belongs to a process that died. */
const LEFTOVER_MS = 24 * 3_600_000
const MAXIMUM_REMEMBERED = 10_000

/** Folders whose own names this process has flushed to the disk, up to the root. */
export class DurableFolders {
  private readonly paths = new Set<string>()

  has(path: string): boolean {
    return this.paths.has(path)
  }

  add(paths: readonly string[]): void {
    if (this.paths.size > MAXIMUM_REMEMBERED) this.paths.clear()
    for (const path of paths) this.paths.add(path)
  }

  forget(path: string): void {
    this.paths.delete(path)
  }
}

export interface Place {
  root: string
  durable: DurableFolders
}

export async function writeFlushed(path: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'wx', 0o600)
  // A source that waits for its next piece must not hold a caller who cancels.
  const onAbort = () => body instanceof Readable && body.destroy(cancelled())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    throwIfCancelled(signal)
    await file.writeFile(body)
    throwIfCancelled(signal)
    await file.sync()
    return (await file.stat()).size
  } finally {
    signal.removeEventListener('abort', onAbort)
    await file.close()
  }
}

/** Renames the file to its key, and makes the name survive a loss of power. */
export async function moveIntoPlace(place: Place, temporary: string, parts: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const folder = await makeFolder(place.root, parts.slice(0, -1))
      await rename(temporary, join(folder.path, parts.at(-1) ?? ''))
      await flushNames(place, parts, folder.found)
      return
    } catch (error) {
      // A delete may have removed the empty folder in between.
      if (!isMissing(error) || attempt === PUT_ATTEMPTS) throw error
    }
  }
}

/** The folder that holds the object, and those above it as far as they are new or this process does not know them. */
async function flushNames({ root, durable }: Place, parts: readonly string[], found: number): Promise<void> {
  const flushed: string[] = []
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const folder = join(root, ...parts.slice(0, depth))
    await flushFolder(folder)
    if (depth <= found && durable.has(folder)) break
    flushed.push(folder)
  }
  durable.add(flushed)
}

export interface Group {
  folder: readonly string[]
  names: string[]
}

/** Keys of one folder together, the folders in the order in which they were named first. */
export function byFolder(keys: readonly (readonly string[])[]): Group[] {
  const groups = new Map<string, Group>()
  for (const parts of keys) {
    const folder = parts.slice(0, -1)
    const path = folder.join('/')
    const group = groups.get(path) ?? { folder, names: [] }
    group.names.push(parts.at(-1) ?? '')
    groups.set(path, group)
  }
  return [...groups.values()]
}

export async function deleteGroup({ root, durable }: Place, group: Group, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal)
  let folder = join(root, ...group.folder)
  try {
    await inside(root, folder)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  for (const name of group.names) {
    throwIfCancelled(signal)
    await unlink(join(folder, name)).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  }
  // Folders exist only for their objects, as in S3; the first that still holds something ends this.
  for (; folder !== root; folder = dirname(folder)) {
    durable.forget(folder)
    const isGone = await rmdir(folder).then(
      () => true,
      () => false,
    )
    if (!isGone) return
  }
}

export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > LEFTOVER_MS) await unlink(path).catch(() => undefined)
  }
}
