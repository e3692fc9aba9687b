import { randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { HeadObjectCommand, type HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, test } from 'vitest'
import type { S3Settings } from '#shared/contract/environment.model.ts'
import { realS3 } from '../../testing/real-stores.ts'
import { probeBackupStore } from './probe.ts'
import { S3Store } from './s3-store.ts'
import { FaultGateway } from './testing/fault-gateway.ts'

const never = new AbortController().signal
const KEY_REFUSED = { code: 'UNSUPPORTED', details: { settings: ['serverSideEncryption', 'kmsKeyId'] } }
const PARTS = 10 * 2 ** 20

describe('S3: encryption and storage class', () => {
  const { settings, secret } = realS3()
  const own = `test-${randomUUID()}`
  const { endpoint = '', region, accessKeyId, bucket } = settings
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey: secret },
  })
  const stores: S3Store[] = []
  const openWith = (change: Partial<S3Settings>) => {
    const store = new S3Store({ ...settings, ...change }, secret)
    stores.push(store)
    return store
  }
  const stored = (key: string): Promise<HeadObjectCommandOutput> =>
    client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
  afterAll(async () => {
    const store = openWith({})
    for await (const { key } of store.listAll(`${own}/`)) await store.delete([key], never)
    await Promise.all(stores.map(one => one.close()))
    client.destroy()
  })

  test.each([
    ['bytes', () => randomBytes(1_000)],
    ['a short stream', () => Readable.from([randomBytes(1_000)])],
    ['a stream in parts', () => Readable.from([randomBytes(PARTS)])],
  ])('%s rest as the settings say, and can be read', async (what, body) => {
    const key = `${own}/chosen/${what}`
    const store = openWith({ serverSideEncryption: 'AES256', storageClass: 'STANDARD_IA' })
    const size = await store.put(key, body(), never)
    expect(await stored(key)).toMatchObject({
      ServerSideEncryption: 'AES256',
      StorageClass: 'STANDARD_IA',
      ContentLength: size,
    })
    let read = 0
    for await (const chunk of await store.get(key, never)) read += (chunk as Uint8Array).byteLength
    expect(read).toBe(size)
  })

  test.each([{}, { serverSideEncryption: 'none', storageClass: 'STANDARD' } as const])(
    'nothing is asked for with %j',
    async change => {
      const key = `${own}/plain`
      await openWith(change).put(key, Buffer.from('x'), never)
      const found = await stored(key)
      expect(found.ServerSideEncryption).toBeUndefined()
      expect(found.StorageClass ?? 'STANDARD').toBe('STANDARD')
    },
  )

  describe.each([
    ['bytes', () => randomBytes(1_000)],
    ['a stream in parts', () => Readable.from([randomBytes(PARTS)])],
  ])('a server that refuses them says so for %s', (_what, body) => {
    test.each([
      [{ storageClass: 'GLACIER_IR' }, ['storageClass'], 'Storage class (GLACIER_IR)'],
      [{ serverSideEncryption: 'aws:kms' }, ['serverSideEncryption'], 'Encryption (aws:kms)'],
      [
        { serverSideEncryption: 'aws:kms', kmsKeyId: 'no-such-key' },
        ['serverSideEncryption', 'kmsKeyId'],
        'no-such-key',
      ],
    ] as const)('%j', async (change, named, label) => {
      const refused = await openWith(change)
        .put(`${own}/refused`, body(), never)
        .catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'UNSUPPORTED', retryable: false, hint: expect.stringContaining(label) })
      const settingsNamed: unknown = Reflect.get(Object(Reflect.get(Object(refused), 'details')), 'settings')
      for (const name of settingsNamed as string[]) expect(named).toContain(name)
      expect(await openWith({}).listUnfinished(`${own}/refused`, never)).toEqual([])
    })
  })

  test('the probe meets a setting that the server refuses', async () => {
    await expect(probeBackupStore(openWith({ storageClass: 'ONEZONE_IA' }), never)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { settings: ['storageClass'] },
    })
  })

  test.each([
    {
      code: 'AccessDenied',
      message: 'not authorized to perform: kms:GenerateDataKey',
      expected: { code: 'PERMISSION_DENIED', details: { settings: ['kmsKeyId'] } },
    },
    { code: 'KMS.NotFoundException', message: 'Key does not exist', expected: KEY_REFUSED },
    { code: 'NotImplemented', message: 'A header is not implemented', expected: KEY_REFUSED },
    {
      code: 'InvalidStorageClass',
      message: 'The storage class is not valid',
      expected: { code: 'UNSUPPORTED', details: { settings: ['storageClass'] } },
    },
  ])('the answer of other servers: $code, $message', async ({ code, message, expected }) => {
    const gateway = await new FaultGateway(endpoint).listen()
    try {
      const body = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
      gateway.fault(/PUT/, { kind: 'answer', status: code === 'AccessDenied' ? 403 : 400, body })
      const change: Partial<S3Settings> =
        code === 'InvalidStorageClass'
          ? { storageClass: 'GLACIER_IR' }
          : { serverSideEncryption: 'aws:kms', kmsKeyId: 'alias/backups' }
      const putting = openWith({ ...change, endpoint: gateway.endpoint }).put(`${own}/x`, Buffer.from('x'), never)
      await expect(putting).rejects.toMatchObject(expected)
    } finally {
      await gateway.close()
    }
  })
})
