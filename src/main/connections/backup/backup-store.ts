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

/**
 * Where archives rest: objects under keys such as `backups/2024/01/x.sql.gz`, in a bucket or in a folder. All methods reject
 * with coded errors; a signal that aborts ends them with CANCELLED.
 */
export interface BackupStore {
  /** Stores the object whole or not at all and replaces an older one; resolves to the bytes stored. */
  put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number>
  /** Rejects with NOT_FOUND when there is no such object. The stream's own failures are coded errors too. */
  get(key: string, signal: AbortSignal): Promise<Readable>
  /** Deleting what is not there is no error. */
  delete(keys: readonly string[], signal: AbortSignal): Promise<void>
  /** In the byte order of the keys. */
  list(request: ListRequest, signal: AbortSignal): Promise<BackupPage>
  /** Every object under a prefix, read page by page. */
  listAll(prefix: string, signal?: AbortSignal): AsyncIterable<BackupObject>
  close(): Promise<void>
}

export const MAXIMUM_PAGE = 1_000

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
