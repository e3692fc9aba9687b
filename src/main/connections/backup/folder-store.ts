import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, readdir, realpath, stat, unlink } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { Readable } from 'node:stream'
import { AppError } from '#shared/errors.ts'
import { throwIfCancelled } from '../deadline.ts'
import { stringProperty } from '../network-errors.ts'
import {
  type BackupObject,
  type BackupPage,
  type BackupStore,
  type ByteRange,
  everyObject,
  type FolderPage,
  type ListRequest,
  pageLimit,
  type UnfinishedUpload,
} from './backup-store.ts'
import { toBackupError, uploadRemoved } from './errors.ts'
import {
  byFolder,
  DurableFolders,
  deleteGroup,
  moveIntoPlace,
  removeLeftovers,
  writeFlushed,
} from './folder-changes.ts'
import { inside, isMissing, makeFolder } from './folder-paths.ts'
import { foldersInOrder, keysInOrder, TEMPORARY_FOLDER } from './folder-walk.ts'
import { checkPrefix, checkRange, keyParts } from './key.ts'

/** The names that `put` gives to unfinished files. */
const UNFINISHED_NAME = /^[\w-]+$/

/** Objects as files below one folder. An object appears under its key whole and flushed to the disk, or not at all. */
export class FolderStore implements BackupStore {
  private readonly path: string
  private sweeping: Promise<void> | undefined
  private readonly durable = new DurableFolders()

  constructor(settings: { path: string }) {
    this.path = settings.path
  }

  async put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
    const parts = ownParts(key)
    return await this.ask(signal, async () => {
      const root = await this.root()
      const { path: unfinished } = await makeFolder(root, [TEMPORARY_FOLDER])
      this.sweeping ??= removeLeftovers(unfinished)
      await this.sweeping
      const temporary = join(unfinished, randomUUID())
      try {
        const bytes = await writeFlushed(temporary, body, signal)
        await moveIntoPlace({ root, durable: this.durable }, temporary, parts)
        return bytes
      } catch (error) {
        const isGone = await unlink(temporary).then(() => false, isMissing)
        throw isGone && isMissing(error) ? uploadRemoved(error) : error
      }
    })
  }

  async get(key: string, signal: AbortSignal, range: ByteRange = { offset: 0 }): Promise<Readable> {
    const parts = ownParts(key)
    checkRange(range)
    return await this.ask(signal, async () => {
      const file = await openInside(await this.root(), parts)
      return Readable.from(chunks(file, range, signal), { objectMode: false })
    })
  }

  async head(key: string, signal: AbortSignal): Promise<BackupObject | undefined> {
    const parts = ownParts(key)
    return await this.ask(signal, async () => {
      const root = await this.root()
      try {
        await inside(root, join(root, ...parts.slice(0, -1)))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
      return await objectAt(root, key)
    })
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const paths = keys.map(ownParts)
    await this.ask(signal, async () => {
      const root = await this.root()
      for (const group of byFolder(paths)) await deleteGroup({ root, durable: this.durable }, group, signal)
    })
  }

  async list(request: ListRequest, signal: AbortSignal): Promise<BackupPage> {
    checkPrefix(request.prefix)
    const limit = pageLimit(request)
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

  async listFolders(request: ListRequest, signal: AbortSignal): Promise<FolderPage> {
    checkPrefix(request.prefix)
    const limit = pageLimit(request)
    return await this.ask(signal, async () => {
      const walk = { prefix: request.prefix, after: request.cursor ?? '' }
      const all = await foldersInOrder(await this.root(), walk)
      throwIfCancelled(signal)
      const folders = all.slice(0, limit)
      return { folders, nextCursor: all.length > limit ? (folders.at(-1) ?? null) : null }
    })
  }

  async listUnfinished(prefix: string, signal: AbortSignal): Promise<UnfinishedUpload[]> {
    checkPrefix(prefix)
    return await this.ask(signal, async () => {
      const folder = join(await this.root(), TEMPORARY_FOLDER)
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      const found = await Promise.all(names.map(name => unfinishedAt(folder, name)))
      return found.filter(upload => upload !== undefined)
    })
  }

  async abortUnfinished(upload: UnfinishedUpload, signal: AbortSignal): Promise<void> {
    if (!UNFINISHED_NAME.test(upload.uploadId)) throw new AppError('INVALID_INPUT', 'This is not an unfinished upload.')
    await this.ask(signal, async () => {
      await unlink(join(await this.root(), TEMPORARY_FOLDER, upload.uploadId)).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
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

async function* chunks(file: FileHandle, range: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { offset: start, length = Number.POSITIVE_INFINITY } = range
  try {
    if (length === 0) return
    for await (const chunk of file.createReadStream({ autoClose: false, start, end: start + length - 1 })) {
      throwIfCancelled(signal)
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw toBackupError(error)
  } finally {
    await file.close()
  }
}

async function objectAt(root: string, key: string): Promise<BackupObject | undefined> {
  // An object deleted since its name was read is left out.
  const found = await stat(join(root, ...key.split('/'))).catch(() => undefined)
  return found?.isFile() ? { key, size: found.size, modifiedAt: found.mtime.toISOString() } : undefined
}

async function unfinishedAt(folder: string, name: string): Promise<UnfinishedUpload | undefined> {
  const found = await stat(join(folder, name)).catch(() => undefined)
  if (found === undefined || !found.isFile()) return undefined
  // Some file systems do not keep the time of birth, which is then 1970.
  const startedAt = found.birthtimeMs > 0 ? found.birthtime : found.mtime
  return { key: null, startedAt: startedAt.toISOString(), uploadId: name }
}
