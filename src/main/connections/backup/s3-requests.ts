import { S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from '#shared/contract/environment.model.ts'
import { CONNECT_TIMEOUT_MS, within } from '../deadline.ts'
import { RETRY_LIMITS, type RetryLimits, withRetries } from './retry.ts'
import { partBytes } from './s3-parts.ts'

export interface S3Limits {
  /** Milliseconds without a byte in either direction. */
  socketTimeoutMs: number
  /** Milliseconds for a request that carries no object, all tries together. */
  answerTimeoutMs: number
  retries: RetryLimits
  /** Bytes of the part with this number, from 1. */
  partBytes(part: number): number
}

const LIMITS: S3Limits = { socketTimeoutMs: 60_000, answerTimeoutMs: 20_000, retries: RETRY_LIMITS, partBytes }

/** One bucket's client, and how its requests are tried again. */
export class S3Requests {
  readonly bucket: string
  readonly client: S3Client
  readonly limits: S3Limits

  constructor(settings: S3Settings, secretAccessKey: string, limits: Partial<S3Limits> = {}) {
    this.bucket = settings.bucket
    this.limits = { ...LIMITS, ...limits }
    this.client = new S3Client({
      region: settings.region,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      forcePathStyle: settings.pathStyle,
      credentials: { accessKeyId: settings.accessKeyId, secretAccessKey },
      // The default adds checksums as chunked trailers, which some compatible servers store as part of the data. What is sent
      // is covered by its SHA-256 in the signature of the request.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // The SDK's own waits between tries do not end when the caller cancels.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: this.limits.socketTimeoutMs },
    })
  }

  /** A request that carries data: only silence ends it. */
  async ask<T>(signal: AbortSignal, request: (attempt: number) => Promise<T>): Promise<T> {
    return await withRetries(signal, this.limits.retries, request)
  }

  async askShort<T>(signal: AbortSignal, request: (signal: AbortSignal, attempt: number) => Promise<T>): Promise<T> {
    const milliseconds = this.limits.answerTimeoutMs
    const limit = { signal, milliseconds, message: 'The backup store did not answer in time.' }
    return await within(limit, own => withRetries(own, this.limits.retries, attempt => request(own, attempt)))
  }
}
