import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { AppError } from '#shared/errors.ts'
import { cancelled, unlessAborted } from '../deadline.ts'
import { stringProperty } from '../network-errors.ts'
import { toBackupError } from './errors.ts'
import { type ObjectOptions, refusedOption } from './s3-options.ts'
import { MAXIMUM_PARTS, MEMORY_BYTES, PartBuffer } from './s3-parts.ts'
import type { S3Requests } from './s3-requests.ts'
import { abortUpload, unfinishedUploads } from './s3-unfinished.ts'

/** Milliseconds that a caller who failed or cancelled waits for the server to forget the upload; the request itself goes on. */
const CLEAN_UP_MS = 3_000

export interface UploadTarget {
  requests: S3Requests
  key: string
  options: ObjectOptions
}

/** Stores bytes that are at hand as one object. */
export async function uploadBytes(target: UploadTarget, body: Uint8Array, signal: AbortSignal): Promise<number> {
  const { requests, key, options } = target
  // The server refuses the object when the bytes do not arrive as they left.
  const ContentMD5 = createHash('md5').update(body).digest('base64')
  const input = { Bucket: requests.bucket, Key: key, Body: body, ContentLength: body.byteLength, ContentMD5 }
  await requests.ask(signal, () =>
    namingOption(
      options,
      requests.client.send(new PutObjectCommand({ ...input, ...options }), { abortSignal: signal }),
    ),
  )
  return body.byteLength
}

/** Stores a stream as one object; a short one as it is, a longer one in parts. */
export async function uploadStream(target: UploadTarget, body: Readable, signal: AbortSignal): Promise<number> {
  return await new StreamUpload(target, body, signal).run()
}

async function namingOption<T>(options: ObjectOptions, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw refusedOption(error, options) ?? error
  }
}

interface SentPart {
  PartNumber: number
  ETag: string | undefined
}

class StreamUpload {
  private readonly target: UploadTarget
  private readonly body: Readable
  /** Ends with the caller's signal and with the first part that fails for good. */
  private readonly stop = new AbortController()
  private readonly signal: AbortSignal
  private creating: Promise<string> | undefined
  private readonly inFlight = new Set<Promise<void>>()
  private bytesInFlight = 0
  private readonly parts: SentPart[] = []
  /** Memory of parts that were sent. */
  private readonly spare: Buffer[] = []
  private partCount = 0
  private sent = 0

  constructor(target: UploadTarget, body: Readable, signal: AbortSignal) {
    this.target = target
    this.body = body
    this.signal = AbortSignal.any([signal, this.stop.signal])
  }

  async run(): Promise<number> {
    // A source that waits for its next piece must not hold a caller who cancels, or whose upload failed.
    const onAbort = () =>
      this.body.destroy(toBackupError(this.signal.reason, { isCancelled: !this.stop.signal.aborted }))
    this.signal.addEventListener('abort', onAbort, { once: true })
    // Whoever fails is heard by the loop below; what fails after its end concerns nobody.
    this.body.on('error', () => undefined)
    if (this.signal.aborted) onAbort()
    try {
      const last = await this.readAll()
      if (this.creating === undefined) return await uploadBytes(this.target, last.content, this.signal)
      if (last.content.byteLength > 0) await this.send(last)
      await Promise.all(this.inFlight)
      await this.complete(await this.creating)
      await this.checkSize()
      return this.sent
    } catch (error) {
      await this.abandon(error)
      throw this.stop.signal.aborted ? this.stop.signal.reason : error
    } finally {
      this.signal.removeEventListener('abort', onAbort)
    }
  }

  /** Sends every part that got full; resolves to the one that did not. */
  private async readAll(): Promise<PartBuffer> {
    let buffer = this.nextBuffer()
    for await (const chunk of this.body) {
      let rest: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      while (rest.byteLength > 0) {
        if (buffer.isFull) {
          await this.send(buffer)
          buffer = this.nextBuffer()
        }
        rest = buffer.take(rest)
      }
    }
    return buffer
  }

  private nextBuffer(): PartBuffer {
    const size = this.target.requests.limits.partBytes(this.partCount + 1)
    if (this.spare[0]?.byteLength !== size) this.spare.length = 0
    return new PartBuffer(size, this.spare.pop())
  }

  /** Resolves when the part is on its way and there is memory for the next one. */
  private async send(buffer: PartBuffer): Promise<void> {
    if (this.partCount === MAXIMUM_PARTS) throw tooLarge()
    this.creating ??= this.create()
    const uploadId = await unlessAborted(this.signal, this.creating)
    this.partCount++
    const { byteLength } = buffer.content
    this.sent += byteLength
    this.bytesInFlight += byteLength
    const sending = this.sendPart(uploadId, this.partCount, buffer.content).then(
      () => {
        this.spare.push(buffer.memory)
      },
      error => this.stop.abort(error),
    )
    const ended = sending.then(() => {
      this.bytesInFlight -= byteLength
      this.inFlight.delete(ended)
    })
    this.inFlight.add(ended)
    const next = this.target.requests.limits.partBytes(this.partCount + 1)
    while (this.inFlight.size > 0 && this.bytesInFlight + next > MEMORY_BYTES) await Promise.race(this.inFlight)
    this.throwIfStopped()
  }

  private async sendPart(UploadId: string, PartNumber: number, Body: Buffer): Promise<void> {
    const { requests, key: Key } = this.target
    const input = { Bucket: requests.bucket, Key, UploadId, PartNumber, Body, ContentLength: Body.byteLength }
    const { ETag } = await requests.ask(this.signal, () =>
      requests.client.send(new UploadPartCommand(input), { abortSignal: this.signal }),
    )
    this.parts.push({ PartNumber, ETag })
  }

  /** Not cancelled with the caller: an upload whose id never arrived could not be removed. */
  private async create(): Promise<string> {
    const { requests, key, options } = this.target
    const input = { Bucket: requests.bucket, Key: key, ...options }
    let tries = 0
    try {
      const { UploadId } = await requests.askShort(new AbortController().signal, (abortSignal, attempt) => {
        tries = attempt
        return namingOption(options, requests.client.send(new CreateMultipartUploadCommand(input), { abortSignal }))
      })
      if (UploadId === undefined) throw new TypeError('The answer names no upload')
      if (tries > 1) await this.removeTwins(UploadId)
      return UploadId
    } catch (error) {
      if (tries > 1) await this.removeTwins(undefined)
      throw error
    }
  }

  /** A try whose answer was lost may have made an upload of the same key. Nobody else writes a key that is being written. */
  private async removeTwins(ownId: string | undefined): Promise<void> {
    const { requests, key } = this.target
    const signal = AbortSignal.timeout(CLEAN_UP_MS)
    try {
      for (const upload of await unfinishedUploads(requests, key, signal)) {
        if (upload.key === key && upload.uploadId !== ownId) await abortUpload(requests, upload, signal)
      }
    } catch {
      // It stays listed as unfinished, and removable.
    }
  }

  private async complete(UploadId: string): Promise<void> {
    this.throwIfStopped()
    const { requests, key: Key } = this.target
    const Parts = this.parts.toSorted((a, b) => a.PartNumber - b.PartNumber)
    const input = { Bucket: requests.bucket, Key, UploadId, MultipartUpload: { Parts } }
    await requests.ask(this.signal, async attempt => {
      try {
        await requests.client.send(new CompleteMultipartUploadCommand(input), { abortSignal: this.signal })
      } catch (error) {
        // The try before had done it, and only its answer was lost; the check of the size follows.
        if (attempt === 1 || stringProperty(error, 'name') !== 'NoSuchUpload') throw error
      }
    })
  }

  private async checkSize(): Promise<void> {
    const { requests, key: Key } = this.target
    const { ContentLength } = await requests.askShort(this.signal, abortSignal =>
      requests.client.send(new HeadObjectCommand({ Bucket: requests.bucket, Key }), { abortSignal }),
    )
    if (ContentLength !== this.sent) throw notStoredWhole(this.sent, ContentLength)
  }

  /** Parts that are still on their way would be kept, and paid for, by an upload that is gone: they end first. */
  private async abandon(error: unknown): Promise<void> {
    this.stop.abort(toBackupError(error, { isCancelled: this.signal.aborted && !this.stop.signal.aborted }))
    if (this.creating === undefined) return
    const { requests, key } = this.target
    const cleaning = Promise.allSettled(this.inFlight)
      .then(() => this.creating)
      .then(uploadId => abortUpload(requests, { key, uploadId: uploadId ?? '' }, new AbortController().signal))
      .catch(() => undefined)
    const timer = new AbortController()
    await Promise.race([cleaning, pause(CLEAN_UP_MS, undefined, { signal: timer.signal }).catch(() => undefined)])
    timer.abort()
  }

  private throwIfStopped(): void {
    if (this.stop.signal.aborted) throw this.stop.signal.reason
    if (this.signal.aborted) throw cancelled()
  }
}

const tooLarge = (): AppError =>
  new AppError('UNSUPPORTED', 'The object is larger than 394 GiB, which is the most that one upload can hold.')

const notStoredWhole = (sent: number, stored: number | undefined): AppError =>
  new AppError('CONNECTION_FAILED', `The backup store holds ${stored ?? 'no'} bytes of the ${sent} that were sent.`, {
    hint: 'Delete the object and try again; if it happens again, this server is not fit to hold backups.',
    retryable: true,
  })
