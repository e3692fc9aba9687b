import type { Readable } from 'node:stream'

export interface BackupObject {
  key: string
  /** Bytes. */
  size: number
  /** ISO 8601, UTC. */
  modifiedAt: string
}

export interface BackupPage {
  objects: BackupObject[]
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null
}

export interface ListRequest {
  /** Keys that begin with this text; not necessarily a whole folder name. */
  prefix: string
  cursor?: string | undefined
  /** Objects a page may hold, at most 1000. */
  limit?: number | undefined
}

export interface FolderPage {
  /** Whole prefixes that end with a slash: `backups/schemas/acme/` for the prefix `backups/schemas/`. */
  folders: string[]
  /** Pass as `cursor` for the next page; null on the last one. A page before it may hold fewer folders than asked for. */
  nextCursor: string | null
}

/** Bytes from `offset` on, as many as there are or `length` of them. */
export interface ByteRange {
  offset: number
  length?: number | undefined
}

/** What an upload that has not ended, or that died, holds in the store. */
export interface UnfinishedUpload {
  /** Null where the store does not know: a folder gives unfinished files names of its own. */
  key: string | null
  /** ISO 8601, UTC. */
  startedAt: string
  uploadId: string
}

/**
 * Where archives rest: objects under keys such as `backups/2024/01/x.sql.gz`, in a bucket or in a folder. All methods reject
 * with coded errors; a signal that aborts ends them with CANCELLED.
 */
export interface BackupStore {
  /**
   * Stores the object whole or not at all and replaces an older one; resolves to the bytes stored. When it was cancelled or the
   * connection was lost in the very last step the object may rest there whole: who wants nothing left deletes the key.
   */
  put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number>
  /**
   * Rejects with NOT_FOUND when there is no such object. The stream's own failures are coded errors too. A range past the end of
   * the object gives what there is of it, maybe nothing.
   */
  get(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable>
  /** Size and time of one object; undefined when there is none. */
  head(key: string, signal: AbortSignal): Promise<BackupObject | undefined>
  /** Deleting what is not there is no error. */
  delete(keys: readonly string[], signal: AbortSignal): Promise<void>
  /** In the byte order of the keys. */
  list(request: ListRequest, signal: AbortSignal): Promise<BackupPage>
  /** The folders directly below a prefix, in byte order, without a walk through their objects. */
  listFolders(request: ListRequest, signal: AbortSignal): Promise<FolderPage>
  /** Also those that other processes are writing now: judge by their age. A folder names all it has, whatever the prefix. */
  listUnfinished(prefix: string, signal: AbortSignal): Promise<UnfinishedUpload[]>
  /** Frees what the upload holds. An upload that is gone already is no error. */
  abortUnfinished(upload: UnfinishedUpload, signal: AbortSignal): Promise<void>
  /** Every object under a prefix, read page by page. */
  listAll(prefix: string, signal?: AbortSignal): AsyncIterable<BackupObject>
  close(): Promise<void>
}

export const MAXIMUM_PAGE = 1_000

export const pageLimit = ({ limit = MAXIMUM_PAGE }: ListRequest): number => Math.max(1, Math.min(limit, MAXIMUM_PAGE))

/** `listAll` in terms of `list`. */
export async function* everyObject(
  store: Pick<BackupStore, 'list'>,
  prefix: string,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<BackupObject> {
  let cursor: string | undefined
  do {
    const page = await store.list({ prefix, cursor }, signal)
    yield* page.objects
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
