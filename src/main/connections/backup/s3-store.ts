import { createHash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { S3Settings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { CONNECT_TIMEOUT_MS, throwIfCancelled, within } from '../deadline.ts'
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
import { toBackupError } from './errors.ts'
import { checkPrefix, checkRange, keyParts } from './key.ts'

/** Milliseconds without a byte in either direction. */
const SOCKET_TIMEOUT_MS = 60_000
/** Milliseconds for a request that carries no object, all attempts together. */
const ANSWER_TIMEOUT_MS = 20_000
const ATTEMPTS = 3
/** A delete request names at most this many keys (S3's limit). */
const DELETE_BATCH = 1_000

/** Objects in one bucket of Amazon S3 or a compatible server. */
export class S3Store implements BackupStore {
  private readonly bucket: string
  private readonly client: S3Client

  constructor(settings: S3Settings, secretAccessKey: string) {
    this.bucket = settings.bucket
    this.client = new S3Client({
      region: settings.region,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      forcePathStyle: settings.pathStyle,
      credentials: { accessKeyId: settings.accessKeyId, secretAccessKey },
      // The default adds checksums as chunked trailers, which some compatible servers store as part of the data.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    })
  }

  async put(key: string, body: Uint8Array | Readable, signal: AbortSignal): Promise<number> {
    keyParts(key)
    return await this.ask(signal, () =>
      body instanceof Uint8Array ? this.putBytes(key, body, signal) : this.putStream(key, body, signal),
    )
  }

  async get(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable> {
    keyParts(key)
    if (range !== undefined) checkRange(range)
    if (range?.length === 0) return Readable.from([])
    const Range = range === undefined ? {} : { Range: rangeHeader(range) }
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key, ...Range })
    return await this.askShort(signal, async abortSignal => {
      const answer = await this.client.send(command, { abortSignal })
      if (!(answer.Body instanceof Readable)) throw new TypeError('The answer has no body')
      return withCodedErrors(answer.Body, signal)
    })
  }

  async head(key: string, signal: AbortSignal): Promise<BackupObject | undefined> {
    keyParts(key)
    // The answer to a HEAD request cannot say what is missing, the object or the bucket; that of a listing can.
    const page = await this.list({ prefix: key, limit: 1 }, signal)
    return page.objects.find(object => object.key === key)
  }

  async delete(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (const key of keys) keyParts(key)
    for (let start = 0; start < keys.length; start += DELETE_BATCH) {
      const Objects = keys.slice(start, start + DELETE_BATCH).map(Key => ({ Key }))
      const command = new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects, Quiet: true } })
      const answer = await this.askShort(signal, abortSignal => this.client.send(command, { abortSignal }))
      const [failed] = answer.Errors ?? []
      // The answer is a success even where single keys were refused.
      if (failed !== undefined) throw toBackupError({ Code: failed.Code, message: failed.Message })
    }
  }

  async list(request: ListRequest, signal: AbortSignal): Promise<BackupPage> {
    checkPrefix(request.prefix)
    const command = new ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: request.prefix,
      MaxKeys: pageLimit(request),
      ...(request.cursor === undefined ? {} : { ContinuationToken: request.cursor }),
    })
    const answer = await this.askShort(signal, abortSignal => this.client.send(command, { abortSignal }))
    const objects = (answer.Contents ?? []).flatMap((object): BackupObject[] =>
      object.Key === undefined
        ? []
        : [{ key: object.Key, size: object.Size ?? 0, modifiedAt: (object.LastModified ?? new Date(0)).toISOString() }],
    )
    return { objects, nextCursor: answer.IsTruncated === true ? (answer.NextContinuationToken ?? null) : null }
  }

  async listFolders(request: ListRequest, signal: AbortSignal): Promise<FolderPage> {
    checkPrefix(request.prefix)
    const command = new ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: request.prefix,
      Delimiter: '/',
      MaxKeys: pageLimit(request),
      ...(request.cursor === undefined ? {} : { ContinuationToken: request.cursor }),
    })
    const answer = await this.askShort(signal, abortSignal => this.client.send(command, { abortSignal }))
    const folders = (answer.CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix === undefined ? [] : [Prefix]))
    return { folders, nextCursor: answer.IsTruncated === true ? (answer.NextContinuationToken ?? null) : null }
  }

  async listUnfinished(prefix: string, signal: AbortSignal): Promise<UnfinishedUpload[]> {
    checkPrefix(prefix)
    const uploads: UnfinishedUpload[] = []
    let after: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
    while (after !== undefined) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: this.bucket,
        Prefix: prefix,
        ...after,
      })
      const answer = await this.askShort(signal, abortSignal => this.client.send(command, { abortSignal }))
      for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined) continue
        uploads.push({ key: Key, uploadId: UploadId, startedAt: (Initiated ?? new Date(0)).toISOString() })
      }
      const { IsTruncated, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = answer
      const isMore = IsTruncated === true && KeyMarker !== undefined && UploadIdMarker !== undefined
      after = isMore ? { KeyMarker, UploadIdMarker } : undefined
    }
    return uploads
  }

  async abortUnfinished({ key, uploadId }: UnfinishedUpload, signal: AbortSignal): Promise<void> {
    if (key === null) throw new AppError('INVALID_INPUT', 'This is not an unfinished upload.')
    keyParts(key)
    const command = new AbortMultipartUploadCommand({ Bucket: this.bucket, Key: key, UploadId: uploadId })
    await this.askShort(signal, async abortSignal => {
      await this.client.send(command, { abortSignal }).catch((error: unknown) => {
        if (stringProperty(error, 'name') !== 'NoSuchUpload') throw error
      })
    })
  }

  listAll(prefix: string, signal?: AbortSignal): AsyncIterable<BackupObject> {
    return everyObject(this, prefix, signal)
  }

  async close(): Promise<void> {
    this.client.destroy()
  }

  private async putBytes(key: string, body: Uint8Array, signal: AbortSignal): Promise<number> {
    const command = new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: body,
      ContentLength: body.byteLength,
      // The server refuses the object when the bytes do not arrive as they left.
      ContentMD5: createHash('md5').update(body).digest('base64'),
    })
    await this.client.send(command, { abortSignal: signal })
    return body.byteLength
  }

  private async putStream(key: string, body: Readable, signal: AbortSignal): Promise<number> {
    let sent = 0
    body.on('data', (chunk: Uint8Array) => {
      sent += chunk.byteLength
    })
    body.pause()
    const upload = new Upload({ client: this.client, params: { Bucket: this.bucket, Key: key, Body: body } })
    const onAbort = () => void upload.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await upload.done()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    const stored = await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }), {
      abortSignal: signal,
    })
    if (stored.ContentLength !== sent) throw notStoredWhole(sent, stored.ContentLength)
    return sent
  }

  private async askShort<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = { signal, milliseconds: ANSWER_TIMEOUT_MS, message: 'The backup store did not answer in time.' }
    return await this.ask(signal, () => within(limit, request))
  }

  private async ask<T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    throwIfCancelled(signal)
    try {
      return await request()
    } catch (error) {
      throw toBackupError(error, { isCancelled: signal.aborted })
    }
  }
}

const rangeHeader = ({ offset, length }: ByteRange): string =>
  `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`

const notStoredWhole = (sent: number, stored: number | undefined): AppError =>
  new AppError('CONNECTION_FAILED', `The backup store holds ${stored ?? 'no'} bytes of the ${sent} that were sent.`, {
    hint: 'Delete the object and try again; if it happens again, this server is not fit to hold backups.',
    retryable: true,
  })

function withCodedErrors(body: Readable, signal: AbortSignal): Readable {
  const output = new PassThrough()
  body.on('error', error => output.destroy(toBackupError(error, { isCancelled: signal.aborted })))
  const onAbort = () => body.destroy(new Error('aborted'))
  signal.addEventListener('abort', onAbort, { once: true })
  output.on('close', () => {
    signal.removeEventListener('abort', onAbort)
    body.destroy()
  })
  return body.pipe(output)
}
