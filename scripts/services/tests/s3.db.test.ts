import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { afterAll, describe, expect, test } from 'vitest'
import { variable } from './environment.ts'

const MEGABYTE = 1024 * 1024

describe('S3', () => {
  const bucket = variable('TENANTRY_TEST_S3_BUCKET')
  const prefix = `services-test/${Date.now()}`

  function connect(secretAccessKey = variable('TENANTRY_TEST_S3_SECRET_KEY')): S3Client {
    return new S3Client({
      endpoint: variable('TENANTRY_TEST_S3_ENDPOINT'),
      region: variable('TENANTRY_TEST_S3_REGION'),
      credentials: { accessKeyId: variable('TENANTRY_TEST_S3_ACCESS_KEY'), secretAccessKey },
      forcePathStyle: true,
      maxAttempts: 1,
    })
  }
  const client = connect()
  const at = (name: string): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: `${prefix}/${name}` })

  async function read(name: string, range?: string): Promise<Buffer> {
    const { Body } = await client.send(new GetObjectCommand({ ...at(name), ...(range ? { Range: range } : {}) }))
    return Buffer.from((await Body?.transformToByteArray()) ?? [])
  }

  afterAll(async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))
    for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))
    client.destroy()
  })

  test('returns the bytes of a stream it was given, whole and in part', async () => {
    const bytes = randomBytes(200_000)
    const parts = [bytes.subarray(0, 70_000), bytes.subarray(70_000)]
    await client.send(
      new PutObjectCommand({ ...at('stream'), Body: Readable.from(parts), ContentLength: bytes.length }),
    )
    expect((await read('stream')).equals(bytes)).toBe(true)
    expect((await read('stream', 'bytes=69990-70009')).equals(bytes.subarray(69_990, 70_010))).toBe(true)
  })

  test('takes an upload in parts', async () => {
    const bytes = randomBytes(12 * MEGABYTE)
    const Body = Readable.from([bytes])
    await new Upload({ client, params: { ...at('parts'), Body }, partSize: 5 * MEGABYTE }).done()
    expect((await read('parts')).equals(bytes)).toBe(true)
  })

  test('keeps nothing of an upload that was given up', async () => {
    const upload = new Upload({ client, params: { ...at('given-up'), Body: randomBytes(12 * MEGABYTE) }, queueSize: 1 })
    upload.on('httpUploadProgress', () => void upload.abort())
    await expect(upload.done()).rejects.toMatchObject({ name: 'AbortError' })
    const list = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix })
    // The client rejects first and cleans up afterwards.
    await expect.poll(async () => (await client.send(list)).Uploads ?? []).toEqual([])
  })

  test('lists by prefix in pages', async () => {
    const names = ['list/1', 'list/2', 'list/ü +&']
    for (const name of names) await client.send(new PutObjectCommand({ ...at(name), Body: name }))
    const query = { Bucket: bucket, Prefix: `${prefix}/list/`, MaxKeys: 2 }
    const first = await client.send(new ListObjectsV2Command(query))
    const second = await client.send(
      new ListObjectsV2Command({ ...query, ContinuationToken: first.NextContinuationToken }),
    )
    const keys = [...(first.Contents ?? []), ...(second.Contents ?? [])].map(({ Key }) => Key)
    expect(keys).toEqual(names.map(name => at(name).Key))
  })

  test('encrypts with its own key on demand', async () => {
    await client.send(new PutObjectCommand({ ...at('encrypted'), Body: 'secret', ServerSideEncryption: 'AES256' }))
    const head = await client.send(new HeadObjectCommand(at('encrypted')))
    expect(head.ServerSideEncryption).toBe('AES256')
    expect((await read('encrypted')).toString()).toBe('secret')
  })

  test('refuses a wrong secret, and says what is not there', async () => {
    const stranger = connect('wrong')
    await expect(stranger.send(new HeadObjectCommand(at('stream')))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    })
    stranger.destroy()
    await expect(client.send(new GetObjectCommand(at('nothing')))).rejects.toMatchObject({ name: 'NoSuchKey' })
  })
})
