import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, realpath, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { Readable } from 'node:stream'
import { AppError } from '#shared/errors.ts'
import { cancelled, throwIfCancelled } from '../deadline.ts'
import { stringProperty } from '../network-errors.ts'
import {
  type BackupObject,
  type BackupPage,
  type BackupStore,
  everyObject,
  type ListRequest,
  MAXIMUM_PAGE,
} from './backup-store.ts'
import { toBackupError } from './errors.ts'
import { flushFolder, inside, isMissing, makeFolder } from './folder-paths.ts'
import { keysInOrder, TEMPORARY_FOLDER } from './folder-walk.ts'
import { checkPrefix, keyParts } from './key.ts'

const PUT_ATTEMPTS = 3
/** What was last written to so long ago belongs to a process that died. */
const LEFTOVER_MS = 24 * 3_600_000

/** Objects as files below one folder. An object appears under its key whole and flushed to the disk, or not at all. */
export class FolderStore implements BackupStore {
  private readonly path: string
  private sweeping: Promise<void> | undefined

  constructor(settings: { path: string }) {
    this.path = settings.path
  }

  async put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
    const parts = ownParts(key)
    return await this.ask(signal, async () => {
      const root = await this.root()
      const unfinished = await makeFolder(root, [TEMPORARY_FOLDER])
      this.sweeping ??= removeLeftovers(unfinished)
      await this.sweeping
      const temporary = join(unfinished, randomUUID())
      try {
        const bytes = await writeFlushed(temporary, body, signal)
        await moveIntoPlace(root, temporary, parts)
        return bytes
      } catch (error) {
        await unlink(temporary).catch(() => undefined)
        throw error
      }
    })
  }

  async get(key: string, signal: AbortSignal): Promise<Readable> {
    const parts = ownParts(key)
    return await this.ask(signal, async () => {
      const file = await openInside(await this.root(), parts)
      return Readable.from(chunks(file, signal), { objectMode: false })
    })
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const paths = keys.map(ownParts)
    await this.ask(signal, async () => {
      const root = await this.root()
      for (const parts of paths) {
        throwIfCancelled(signal)
        await deleteInside(root, parts)
      }
    })
  }

  async list(request: ListRequest, signal: AbortSignal): Promise<BackupPage> {
    checkPrefix(request.prefix)
    const limit = Math.min(request.limit ?? MAXIMUM_PAGE, MAXIMUM_PAGE)
    return await this.ask(signal, async () => {
      const root = await this.root()
      const objects: BackupObject[] = []
      for await (const key of keysInOrder(root, { prefix: request.prefix, after: request.cursor ?? '' })) {
        throwIfCancelled(signal)
        if (objects.length === limit) return { objects, nextCursor: objects.at(-1)?.key ?? null }
        const found = await objectAt(root, key)
        if (found !== undefined) objects.push(found)
      }
      return { objects, nextCursor: null }
    })
  }

  listAll(prefix: string, signal?: AbortSignal): AsyncIterable<BackupObject> {
    return everyObject(this, prefix, signal)
  }

  async close(): Promise<void> {
    // Nothing is held open between calls.
  }

  /** The folder itself may be a link that the person chose; what is below it may not. */
  private async root(): Promise<string> {
    if (!isAbsolute(this.path)) {
      throw new AppError('INVALID_INPUT', 'The path of the backup folder is not absolute.', {
        hint: 'Enter the whole path, from the root of the disk.',
      })
    }
    const found = await realpath(this.path).catch((error: unknown) => {
      throw isMissing(error) ? missingFolder(error) : error
    })
    if (!(await stat(found)).isDirectory()) throw missingFolder(undefined)
    return found
  }

  private async ask<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    throwIfCancelled(signal)
    try {
      return await work()
    } catch (error) {
      throw toBackupError(error, { isCancelled: signal.aborted })
    }
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > LEFTOVER_MS) await unlink(path).catch(() => undefined)
  }
}

function ownParts(key: string): string[] {
  const parts = keyParts(key)
  if (parts[0] === TEMPORARY_FOLDER) throw new AppError('INVALID_INPUT', 'This key is reserved.')
  return parts
}

const missingFolder = (cause: unknown): AppError =>
  new AppError('CONNECTION_FAILED', 'The backup folder does not exist.', {
    hint: 'Create the folder, mount its disk, or choose another one.',
    details: { reason: 'missing' },
    cause,
  })

const noSuchObject = (cause?: unknown): AppError =>
  new AppError('NOT_FOUND', 'There is no such object in the backup store.', { cause })

async function writeFlushed(path: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'wx', 0o600)
  const source = body instanceof Uint8Array ? Readable.from([body]) : body
  // A source that waits for its next piece must not hold a caller who cancels.
  const onAbort = () => source.destroy(cancelled())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    throwIfCancelled(signal)
    await file.writeFile(source)
    await file.sync()
    return (await file.stat()).size
  } finally {
    signal.removeEventListener('abort', onAbort)
    await file.close()
  }
}

async function moveIntoPlace(root: string, temporary: string, parts: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const folder = await makeFolder(root, parts.slice(0, -1))
      await rename(temporary, join(folder, parts.at(-1) ?? ''))
      break
    } catch (error) {
      // A delete may have removed the empty folder in between.
      if (!isMissing(error) || attempt === PUT_ATTEMPTS) throw error
    }
  }
  for (let depth = parts.length - 1; depth >= 0; depth--) await flushFolder(join(root, ...parts.slice(0, depth)))
}

async function openInside(root: string, parts: readonly string[]): Promise<FileHandle> {
  try {
    const folder = await inside(root, join(root, ...parts.slice(0, -1)))
    // O_NOFOLLOW is undefined on Windows, where links need a privilege to make.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)
    const file = await open(join(folder, parts.at(-1) ?? ''), flags)
    if ((await file.stat()).isFile()) return file
    await file.close()
  } catch (error) {
    if (isMissing(error) || stringProperty(error, 'code') === 'ELOOP') throw noSuchObject(error)
    throw error
  }
  throw noSuchObject()
}

async function* chunks(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      throwIfCancelled(signal)
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw toBackupError(error)
  } finally {
    await file.close()
  }
}

async function deleteInside(root: string, parts: readonly string[]): Promise<void> {
  try {
    const folder = await inside(root, join(root, ...parts.slice(0, -1)))
    await unlink(join(folder, parts.at(-1) ?? ''))
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  // Folders exist only for their objects, as in S3; the first that still holds something ends this.
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const isGone = await rmdir(join(root, ...parts.slice(0, depth))).then(
      () => true,
      () => false,
    )
    if (!isGone) return
  }
}

async function objectAt(root: string, key: string): Promise<BackupObject | undefined> {
  // An object deleted since its name was read is left out.
  const found = await stat(join(root, ...key.split('/'))).catch(() => undefined)
  return found?.isFile() ? { key, size: found.size, modifiedAt: found.mtime.toISOString() } : undefined
}
