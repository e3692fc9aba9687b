import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { stringProperty } from '../network-errors.ts'
import type { UnfinishedUpload } from './backup-store.ts'
import type { S3Requests } from './s3-requests.ts'

export interface S3Upload extends UnfinishedUpload {
  key: string
}

interface Marker {
  KeyMarker?: string
  UploadIdMarker?: string
}

export async function unfinishedUploads(
  requests: S3Requests,
  prefix: string,
  signal: AbortSignal,
): Promise<S3Upload[]> {
  const uploads: S3Upload[] = []
  let after: Marker | undefined = {}
  while (after !== undefined) {
    const input: Marker & { Bucket: string; Prefix: string } = { Bucket: requests.bucket, Prefix: prefix, ...after }
    const answer = await requests.askShort(signal, abortSignal =>
      requests.client.send(new ListMultipartUploadsCommand(input), { abortSignal }),
    )
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

/** Resolves as well when there is no such upload any more. */
export async function abortUpload(
  requests: S3Requests,
  upload: Pick<S3Upload, 'key' | 'uploadId'>,
  signal: AbortSignal,
): Promise<void> {
  const input = { Bucket: requests.bucket, Key: upload.key, UploadId: upload.uploadId }
  await requests.askShort(signal, async abortSignal => {
    await requests.client.send(new AbortMultipartUploadCommand(input), { abortSignal }).catch((error: unknown) => {
      if (stringProperty(error, 'name') !== 'NoSuchUpload') throw error
    })
  })
}
