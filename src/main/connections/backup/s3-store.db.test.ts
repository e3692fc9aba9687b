import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { S3Settings } from '#shared/contract/environment.model.ts'
import { closedPort, type Listening, silentServer, UNKNOWN_HOST } from '../../testing/addresses.ts'
import { realS3 } from '../../testing/real-stores.ts'
import { S3Store } from './s3-store.ts'

const never = new AbortController().signal
const hint = expect.any(String)

describe('S3: failures are named', () => {
  const { settings, secret } = realS3()
  const stores: S3Store[] = []
  const openAs = (password: string, change: Partial<S3Settings> = {}) => {
    const store = new S3Store({ ...settings, ...change }, password)
    stores.push(store)
    return store
  }
  const failure = (store: S3Store) => expect(store.list({ prefix: '' }, never)).rejects
  afterAll(() => Promise.all(stores.map(store => store.close())))

  test('a port on which nothing listens', async () => {
    await failure(openAs(secret, { endpoint: `http://127.0.0.1:${await closedPort()}` })).toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'refused' },
      hint,
    })
  })
  test('an unknown host', async () => {
    await failure(openAs(secret, { endpoint: `http://${UNKNOWN_HOST}` })).toMatchObject({
      details: { reason: 'unknown-host' },
      hint,
    })
  })
  test('TLS against a plain port', async () => {
    await failure(openAs(secret, { endpoint: settings.endpoint?.replace('http:', 'https:') ?? '' })).toMatchObject({
      details: { reason: 'tls-refused' },
      hint,
    })
  })
  test('a wrong secret access key', async () => {
    await failure(openAs('wrong')).toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'authentication' },
      hint,
    })
  })
  test('an unknown access key id', async () => {
    await failure(openAs(secret, { accessKeyId: 'nobody' })).toMatchObject({ details: { reason: 'authentication' } })
  })
  test('a bucket that does not exist', async () => {
    const store = openAs(secret, { bucket: `no-${randomUUID()}` })
    await failure(store).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'missing' }, hint })
    await expect(store.put('x', Buffer.from('x'), never)).rejects.toMatchObject({ details: { reason: 'missing' } })
    await expect(store.get('x', never)).rejects.toMatchObject({ details: { reason: 'missing' } })
  })

  describe('a key without the privilege', () => {
    const bucket = `denied-${randomUUID()}`
    const { endpoint = '', region, accessKeyId } = settings
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey: secret },
    })
    beforeAll(async () => {
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
      const Statement = [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:PutObject', 's3:DeleteObject'],
          Resource: `arn:aws:s3:::${bucket}/*`,
        },
      ]
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
      await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
    })
    afterAll(async () => {
      await client.send(new DeleteBucketPolicyCommand({ Bucket: bucket }))
      await client.send(new DeleteBucketCommand({ Bucket: bucket }))
      client.destroy()
    })

    test('is told so when it writes', async () => {
      await expect(openAs(secret, { bucket }).put('x', Buffer.from('x'), never)).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        details: { reason: 'permission' },
        hint,
      })
    })
    test('is told so when it deletes, although the answer as a whole is a success', async () => {
      await expect(openAs(secret, { bucket }).delete(['x'], never)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    })
  })

  test('unfinished uploads are listed over several pages', async () => {
    const store = openAs(secret)
    const { endpoint = '', region, accessKeyId, bucket: Bucket } = settings
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey: secret },
    })
    const prefix = `test-${randomUUID()}/`
    // One more than a page of the server holds.
    const keys = Array.from({ length: 1_001 }, (_, index) => `${prefix}${index % 500}`)
    try {
      for (let start = 0; start < keys.length; start += 50) {
        const some = keys.slice(start, start + 50)
        await Promise.all(some.map(Key => client.send(new CreateMultipartUploadCommand({ Bucket, Key }))))
      }
      const found = await store.listUnfinished(prefix, never)
      expect(found.map(upload => upload.key).toSorted()).toEqual(keys.toSorted())
      expect(new Set(found.map(upload => upload.uploadId)).size).toBe(keys.length)
      for (let start = 0; start < found.length; start += 50) {
        await Promise.all(found.slice(start, start + 50).map(upload => store.abortUnfinished(upload, never)))
      }
      expect(await store.listUnfinished(prefix, never)).toEqual([])
    } finally {
      client.destroy()
    }
  })

  describe('a server that says nothing', () => {
    let silent: Listening
    beforeAll(async () => {
      silent = await silentServer()
    })
    afterAll(() => silent.close())

    test('does not hold a caller who cancels', async () => {
      const controller = new AbortController()
      const asking = openAs(secret, { endpoint: `http://127.0.0.1:${silent.port}` }).list(
        { prefix: '' },
        controller.signal,
      )
      controller.abort()
      await expect(asking).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })
})
