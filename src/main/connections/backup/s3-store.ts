import type { Readable } from 'node:stream'
import { DeleteObjectsCommand, ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import type { S3Settings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
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
import { toBackupError } from './errors.ts'
import { checkPrefix, checkRange, keyParts } from './key.ts'
import { type ObjectOptions, objectOptions } from './s3-options.ts'
import { openRead } from './s3-read.ts'
import { type S3Limits, S3Requests } from './s3-requests.ts'
import { abortUpload, unfinishedUploads } from './s3-unfinished.ts'
import { uploadBytes, uploadStream } from './s3-upload.ts'

/** A delete request names at most this many keys (S3's limit). */
const DELETE_BATCH = 1_000

/** Objects in one bucket of Amazon S3 or a compatible server. */
export class S3Store implements BackupStore {
  private readonly requests: S3Requests
  private readonly options: ObjectOptions

  constructor(settings: S3Settings, secretAccessKey: string, limits: Partial<S3Limits> = {}) {
    this.requests = new S3Requests(settings, secretAccessKey, limits)
    this.options = objectOptions(settings)
  }

  async put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
    keyParts(key)
    const target = { requests: this.requests, key, options: this.options }
    return body instanceof Uint8Array
      ? await uploadBytes(target, body, signal)
      : await uploadStream(target, body, signal)
  }

  async get(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable> {
    keyParts(key)
    if (range !== undefined) checkRange(range)
    return await openRead({ requests: this.requests, key, range }, signal)
  }

  async head(key: string, signal: AbortSignal): Promise<BackupObject | undefined> {
    keyParts(key)
    // The answer to a HEAD request cannot say what is missing, the object or the bucket; that of a listing can.
    const page = await this.list({ prefix: key, limit: 1 }, signal)
    return page.objects.find(object => object.key === key)
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (const key of keys) keyParts(key)
    const { bucket, client } = this.requests
    for (let start = 0; start < keys.length; start += DELETE_BATCH) {
      const Objects = keys.slice(start, start + DELETE_BATCH).map(Key => ({ Key }))
      const input = { Bucket: bucket, Delete: { Objects, Quiet: true } }
      await this.requests.askShort(signal, async abortSignal => {
        const answer = await client.send(new DeleteObjectsCommand(input), { abortSignal })
        const [failed] = answer.Errors ?? []
        // The answer is a success even where single keys were refused.
        if (failed !== undefined) throw toBackupError({ Code: failed.Code, message: failed.Message })
      })
    }
  }

  async list(request: ListRequest, signal: AbortSignal): Promise<BackupPage> {
    const answer = await this.listing(request, signal)
    const objects = (answer.Contents ?? []).flatMap((object): BackupObject[] =>
      object.Key === undefined
        ? []
        : [{ key: object.Key, size: object.Size ?? 0, modifiedAt: (object.LastModified ?? new Date(0)).toISOString() }],
    )
    return { objects, nextCursor: cursorOf(answer) }
  }

  async listFolders(request: ListRequest, signal: AbortSignal): Promise<FolderPage> {
    const answer = await this.listing(request, signal, '/')
    const folders = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix === undefined ? [] : [Prefix]))
    return { folders, nextCursor: cursorOf(answer) }
  }

  async listUnfinished(prefix: string, signal: AbortSignal): Promise<UnfinishedUpload[]> {
    checkPrefix(prefix)
    return await unfinishedUploads(this.requests, prefix, signal)
  }

  async abortUnfinished({ key, uploadId }: UnfinishedUpload, signal: AbortSignal): Promise<void> {
    if (key === null) throw new AppError('INVALID_INPUT', 'This is not an unfinished upload.')
    keyParts(key)
    await abortUpload(this.requests, { key, uploadId }, signal)
  }

  listAll(prefix: string, signal?: AbortSignal): AsyncIterable<BackupObject> {
    return everyObject(this, prefix, signal)
  }

  async close(): Promise<void> {
    this.requests.client.destroy()
  }

  private async listing(
    request: ListRequest,
    signal: AbortSignal,
    delimiter?: string,
  ): Promise<ListObjectsV2CommandOutput> {
    checkPrefix(request.prefix)
    const input = {
      Bucket: this.requests.bucket,
      Prefix: request.prefix,
      MaxKeys: pageLimit(request),
      ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      ...(request.cursor === undefined ? {} : { ContinuationToken: request.cursor }),
    }
    return await this.requests.askShort(signal, abortSignal =>
      this.requests.client.send(new ListObjectsV2Command(input), { abortSignal }),
    )
  }
}

const cursorOf = (answer: ListObjectsV2CommandOutput): string | null =>
  answer.IsTruncated === true ? (answer.NextContinuationToken ?? null) : null
