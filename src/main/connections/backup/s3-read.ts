import { Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandInput } from '@aws-sdk/client-s3'
import { AppError } from '#shared/errors.ts'
import { throwIfCancelled } from '../deadline.ts'
import { stringProperty } from '../network-errors.ts'
import type { ByteRange } from './backup-store.ts'
import { toBackupError } from './errors.ts'
import { mayTryAgain, waitBefore } from './retry.ts'
import type { S3Requests } from './s3-requests.ts'

/** A read that got so many bytes further may fail as often again as a new one. */
const PROGRESS_BYTES = 2 ** 20

export interface ReadTarget {
  requests: S3Requests
  key: string
  range: ByteRange | undefined
}

/** Rejects when the object cannot be opened. A stream that is cut later goes on where it was, as long as the object is the same. */
export async function openRead(target: ReadTarget, signal: AbortSignal): Promise<Readable> {
  if (target.range?.length === 0) return Readable.from([], { objectMode: false })
  const reading = new ObjectReading(target, signal)
  await reading.open()
  const output = Readable.from(reading.chunks(), { objectMode: false })
  output.once('close', () => reading.end())
  return output
}

class ObjectReading {
  private readonly target: ReadTarget
  private readonly signal: AbortSignal
  private body: Readable | undefined
  private etag: string | undefined
  /** Position of the next byte, and of the byte after the last; the latter is known from the first answer on. */
  private next: number
  private until: number | undefined
  private isOver = false

  constructor(target: ReadTarget, signal: AbortSignal) {
    this.target = target
    this.signal = signal
    this.next = target.range?.offset ?? 0
  }

  async open(): Promise<void> {
    const { requests, key, range } = this.target
    const last = this.until ?? (range?.length === undefined ? undefined : this.next + range.length)
    const isWhole = range === undefined && this.until === undefined
    const input = {
      Bucket: requests.bucket,
      Key: key,
      ...(isWhole ? {} : { Range: `bytes=${this.next}-${last === undefined ? '' : last - 1}` }),
      ...(this.etag === undefined ? {} : { IfMatch: this.etag }),
    }
    const answer = await requests.askShort(this.signal, abortSignal => opened(requests, input, abortSignal))
    // A server that does not know ranges begins anew and gives all.
    const isMore = last !== undefined && answer.length !== undefined && answer.length > last - this.next
    if (isMore || (this.next > 0 && answer.position !== this.next)) {
      answer.body.destroy()
      throw noRanges()
    }
    this.etag ??= answer.etag
    if (answer.length !== undefined) this.until ??= this.next + answer.length
    this.body = answer.body
    // It may be cut before somebody reads it, who then learns of it.
    answer.body.on('error', () => undefined)
    if (this.isOver) answer.body.destroy()
  }

  /** What was read ahead of a reader who is gone is not fetched. */
  end(): void {
    this.isOver = true
    this.body?.destroy()
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const onAbort = () => this.body?.destroy(new Error('aborted'))
    this.signal.addEventListener('abort', onAbort, { once: true })
    if (this.signal.aborted) onAbort()
    try {
      yield* this.untilTheEnd()
    } finally {
      this.signal.removeEventListener('abort', onAbort)
      this.end()
    }
  }

  private async *untilTheEnd(): AsyncGenerator<Uint8Array> {
    const { limits } = this.target.requests
    let since = this.next
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt > 1) await this.open()
        yield* this.rest()
        return
      } catch (error) {
        const coded = toBackupError(error, { isCancelled: this.signal.aborted })
        if (this.next - since >= PROGRESS_BYTES) {
          attempt = 1
          since = this.next
        }
        if (this.isOver || this.until === undefined || !mayTryAgain(coded, attempt, limits.retries)) throw coded
      }
      await waitBefore(attempt + 1, limits.retries, this.signal)
    }
  }

  private async *rest(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.body ?? []) {
      throwIfCancelled(this.signal)
      const bytes = chunk as Uint8Array
      this.next += bytes.byteLength
      yield bytes
    }
    throwIfCancelled(this.signal)
    if (this.until !== undefined && this.next < this.until) throw cutShort()
  }
}

interface Opened {
  body: Readable
  /** Of the first byte of the body in the object. */
  position: number
  length: number | undefined
  etag: string | undefined
}

async function opened(requests: S3Requests, input: GetObjectCommandInput, abortSignal: AbortSignal): Promise<Opened> {
  try {
    const { Body, ContentLength, ContentRange, ETag } = await requests.client.send(new GetObjectCommand(input), {
      abortSignal,
    })
    if (!(Body instanceof Readable)) throw new TypeError('The answer has no body')
    const position = Number(/^bytes (\d+)-/.exec(ContentRange ?? '')?.[1] ?? 0)
    return { body: Body, position, length: ContentLength, etag: ETag }
  } catch (error) {
    if (stringProperty(error, 'name') !== 'InvalidRange') throw error
    // The range begins past the end of the object, where there is nothing.
    const position = Number(/^bytes=(\d+)-/.exec(input.Range ?? '')?.[1] ?? 0)
    return { body: Readable.from([]), position, length: 0, etag: undefined }
  }
}

const cutShort = (): AppError =>
  new AppError('CONNECTION_FAILED', 'The backup store sent less than it had said.', {
    retryable: true,
    details: { reason: 'lost' },
  })

const noRanges = (): AppError =>
  new AppError('UNSUPPORTED', 'The backup store cannot give a part of an object.', {
    hint: 'A server behind a proxy may lose the Range header there; use another endpoint.',
  })
