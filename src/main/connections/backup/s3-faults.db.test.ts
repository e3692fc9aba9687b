import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFaultProxy } from '../../../../scripts/services/fault.ts'
import { eventually } from '../../testing/eventually.ts'
import { realS3 } from '../../testing/real-stores.ts'
import { RETRY_LIMITS } from './retry.ts'
import type { S3Limits } from './s3-requests.ts'
import { S3Store } from './s3-store.ts'
import { FaultGateway } from './testing/fault-gateway.ts'

const never = new AbortController().signal
const MEBIBYTE = 2 ** 20
const QUICK = { ...RETRY_LIMITS, firstWaitMs: 10 }
/** The smallest parts that a server takes. */
const SMALL_PARTS: Partial<S3Limits> = { retries: QUICK, partBytes: () => 5 * MEBIBYTE }
const SERVER_ERROR = { kind: 'answer', status: 500, body: '<Error><Code>InternalError</Code></Error>' } as const
const SLOW_DOWN = { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } as const
const LOST = { code: 'CONNECTION_FAILED', retryable: true, details: { reason: 'lost' } }

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const piecesOf = (bytes: Buffer, size = 100_000): Readable =>
  Readable.from(
    (function* () {
      for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
    })(),
  )

async function contentOf(stream: Readable): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part as Uint8Array)
  return Buffer.concat(parts)
}

describe('S3: faults on the way', () => {
  const { settings, secret } = realS3()
  const own = `test-${randomUUID()}`
  const direct = new S3Store(settings, secret)
  const opened: S3Store[] = [direct]
  /** Three parts. No more: servers keep what was deleted for a while. */
  const large = randomBytes(11 * MEBIBYTE)
  let gateway: FaultGateway
  let store: S3Store
  let count = 0
  let key: string

  const openAt = (endpoint: string, limits: Partial<S3Limits> = SMALL_PARTS) => {
    const made = new S3Store({ ...settings, endpoint }, secret, limits)
    opened.push(made)
    return made
  }
  const storedHash = async () => hashOf(await contentOf(await direct.get(key, never)))
  const unfinished = () => direct.listUnfinished(`${own}/`, never)

  beforeAll(async () => {
    gateway = await new FaultGateway(settings.endpoint ?? '').listen()
    store = openAt(gateway.endpoint)
  })
  beforeEach(() => {
    key = `${own}/${++count}`
  })
  afterEach(() => gateway.heal())
  afterAll(async () => {
    for await (const object of direct.listAll(`${own}/`)) await direct.delete([object.key], never)
    await Promise.all(opened.map(one => one.close()))
    await gateway.close()
  })

  describe('an upload', () => {
    test.each([
      ['errors of the server', /partNumber=2&/, SERVER_ERROR],
      ['a server that asks to slow down', /partNumber=/, SLOW_DOWN],
      ['an error page of something in between', /partNumber=1&/, { kind: 'answer', status: 502, body: '<html>' }],
      ['a part that is cut in its middle', /partNumber=2&/, { kind: 'cut-request', afterBytes: MEBIBYTE }],
      ['an answer that is lost', /partNumber=3&/, { kind: 'cut-answer', afterBytes: 0 }],
      ['bytes that change on their way', /partNumber=1&/, { kind: 'flip' }],
      ['errors at its beginning', /POST .*uploads/, SERVER_ERROR],
      ['errors at its end', /POST .*uploadId=/, SERVER_ERROR],
      ['a check that fails at first', /HEAD/, SLOW_DOWN],
    ] as const)('survives %s', async (_what, pattern, fault) => {
      gateway.fault(pattern, fault, 2)
      expect(await store.put(key, piecesOf(large), never)).toBe(large.length)
      expect(await storedHash()).toBe(hashOf(large))
      expect(await unfinished()).toEqual([])
    })

    test('whose beginning was answered into the void leaves no second one behind', async () => {
      gateway.fault(/POST .*uploads/, { kind: 'cut-answer', afterBytes: 0 }, 2)
      expect(await store.put(key, piecesOf(large), never)).toBe(large.length)
      expect(await unfinished()).toEqual([])
    })
    test('whose end was answered into the void is known to be stored', async () => {
      gateway.fault(/POST .*uploadId=/, { kind: 'cut-answer', afterBytes: 0 }, 1)
      expect(await store.put(key, piecesOf(large), never)).toBe(large.length)
      expect(await storedHash()).toBe(hashOf(large))
    })
    test('of one piece survives errors, a cut and changed bytes', async () => {
      gateway.fault(/PUT/, SERVER_ERROR, 1)
      gateway.fault(/PUT/, { kind: 'cut-request', afterBytes: 100_000 }, 1)
      gateway.fault(/PUT/, { kind: 'flip' }, 1)
      const bytes = large.subarray(0, MEBIBYTE)
      expect(await store.put(key, bytes, never)).toBe(bytes.length)
      expect(await storedHash()).toBe(hashOf(bytes))
    })

    test.each([
      ['that is cut for good', { kind: 'cut-request', afterBytes: MEBIBYTE }, LOST],
      ['that only meets errors', SERVER_ERROR, { code: 'CONNECTION_FAILED', retryable: true }],
      ['whose bytes always change', { kind: 'flip' }, { message: expect.stringContaining('damaged') }],
    ] as const)('%s fails with a coded error and leaves nothing on the server', async (_what, fault, expected) => {
      gateway.fault(/partNumber=2&/, fault)
      const body = piecesOf(large)
      await expect(store.put(key, body, never)).rejects.toMatchObject(expected)
      expect(await unfinished()).toEqual([])
      expect(await direct.head(key, never)).toBeUndefined()
      expect(body.destroyed).toBe(true)
      expect(gateway.seen.filter(line => line.includes('partNumber=2&'))).toHaveLength(QUICK.attempts)
    })

    test('does not wait for a source that is silent once a part has failed', async () => {
      gateway.fault(/partNumber=1&/, SERVER_ERROR)
      const body = new Readable({ read() {} })
      body.push(large.subarray(0, 6 * MEBIBYTE))
      await expect(store.put(key, body, never)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
      expect(await unfinished()).toEqual([])
    })

    test.each([
      ['at its beginning', /POST .*uploads/],
      ['in a part', /partNumber=2&/],
      ['at its end', /POST .*uploadId=/],
    ])('that is cancelled while the server is silent %s ends at once', async (_where, pattern) => {
      gateway.fault(pattern, { kind: 'silence' }, 1)
      const controller = new AbortController()
      const putting = store.put(key, piecesOf(large), controller.signal)
      putting.catch(() => undefined)
      await eventually(() => gateway.seen.find(line => pattern.test(line)))
      const start = performance.now()
      controller.abort()
      await expect(putting).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(performance.now() - start).toBeLessThan(4_000)
      expect(await unfinished()).toEqual([])
      expect(await direct.head(key, never)).toBeUndefined()
    })

    test('waits between its tries, but not when it is cancelled', async () => {
      const patient = openAt(gateway.endpoint, {
        retries: { ...RETRY_LIMITS, firstWaitMs: 60_000, longestWaitMs: 60_000 },
      })
      gateway.fault(/PUT/, SLOW_DOWN)
      const controller = new AbortController()
      const putting = patient.put(key, Buffer.from('x'), controller.signal)
      await eventually(() => gateway.seen.at(0))
      controller.abort()
      await expect(putting).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(gateway.seen).toHaveLength(1)
    })

    test('takes parts that grow', async () => {
      const growing = openAt(gateway.endpoint, { partBytes: part => (part < 2 ? 5 : 6) * MEBIBYTE })
      await growing.put(key, piecesOf(large), never)
      expect(await storedHash()).toBe(hashOf(large))
      expect(gateway.seen.filter(line => line.includes('partNumber='))).toHaveLength(2)
    })
  })

  describe('a read', () => {
    const object = `${own}/read`
    beforeAll(() => direct.put(object, large, never))
    const reads = () => gateway.seen.filter(line => line.startsWith('GET'))

    test('that is cut goes on where it was', async () => {
      gateway.fault(/GET/, { kind: 'cut-answer', afterBytes: 2_000_001 }, 4)
      expect(hashOf(await contentOf(await store.get(object, never)))).toBe(hashOf(large))
      expect(reads()).toHaveLength(5)
    })
    test('survives more cuts than one request has tries as long as it gets on', async () => {
      gateway.fault(/GET/, { kind: 'cut-answer', afterBytes: 1_200_000 }, 8)
      expect(hashOf(await contentOf(await store.get(object, never)))).toBe(hashOf(large))
    })
    test('of a range that is cut gives just the range', async () => {
      gateway.fault(/GET/, { kind: 'cut-answer', afterBytes: 1_000 }, 2)
      const range = { offset: 5_000_000, length: 4_000_000 }
      const found = await contentOf(await store.get(object, never, range))
      expect(hashOf(found)).toBe(hashOf(large.subarray(5_000_000, 9_000_000)))
    })
    test('survives errors before its beginning and after a cut', async () => {
      gateway.fault(/GET/, SERVER_ERROR, 2)
      gateway.fault(/GET/, { kind: 'cut-answer', afterBytes: 1_000 }, 1)
      gateway.fault(/GET/, SLOW_DOWN, 2)
      expect(hashOf(await contentOf(await store.get(object, never)))).toBe(hashOf(large))
    })
    test('that is always cut fails with a coded error', async () => {
      gateway.fault(/GET/, { kind: 'cut-answer', afterBytes: 1_000 })
      await expect(contentOf(await store.get(object, never))).rejects.toMatchObject(LOST)
      expect(reads()).toHaveLength(QUICK.attempts)
    })
    test('does not go on in an object that was replaced meanwhile', async () => {
      await direct.put(key, large.subarray(0, 8 * MEBIBYTE), never)
      gateway.fault(/GET/, { kind: 'cut-answer', afterBytes: 4 * MEBIBYTE }, 1)
      const stream = await store.get(key, never)
      await direct.put(key, large.subarray(MEBIBYTE, 9 * MEBIBYTE), never)
      await expect(contentOf(stream)).rejects.toMatchObject({ code: 'CONFLICT' })
    })
    test('of a slow server gets all in the end', async () => {
      gateway.fault(/GET/, { kind: 'trickle', bytes: 10_000 }, 1)
      const found = await contentOf(await store.get(object, never, { offset: 0, length: 2 * MEBIBYTE }))
      expect(hashOf(found)).toBe(hashOf(large.subarray(0, 2 * MEBIBYTE)))
    })
    test('whose server falls silent goes on after the time limit', async () => {
      const proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(settings.endpoint ?? '').port) })
      try {
        const short = openAt(`http://127.0.0.1:${proxy.port}`, { socketTimeoutMs: 300, retries: QUICK })
        const stream = await short.get(object, never)
        let read = 0
        for await (const chunk of stream) {
          const isFirst = read === 0
          read += (chunk as Uint8Array).byteLength
          if (!isFirst) continue
          proxy.stall()
          // The read that gave up has come back over a connection of its own.
          void eventually(() => (proxy.connections > 1 ? true : undefined)).then(() => proxy.resume())
        }
        expect(read).toBe(large.length)
      } finally {
        proxy.close()
      }
    })
    test('ends when its reader goes away', async () => {
      const stream = await store.get(object, never)
      for await (const _ of stream) break
      expect(stream.destroyed).toBe(true)
    })
  })

  test('a slow network carries all in the end', async () => {
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: gateway.port })
    try {
      proxy.delay(3)
      const slow = openAt(`http://127.0.0.1:${proxy.port}`)
      expect(await slow.put(key, piecesOf(large), never)).toBe(large.length)
      expect(hashOf(await contentOf(await slow.get(key, never)))).toBe(hashOf(large))
    } finally {
      proxy.close()
    }
  })

  test('an upload that could not be aborted, the network being gone, is listed and removable', async () => {
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: gateway.port })
    const cutOff = openAt(`http://127.0.0.1:${proxy.port}`)
    const body = new Readable({ read() {} })
    const putting = cutOff.put(key, body, never)
    putting.catch(() => undefined)
    body.push(large.subarray(0, 6 * MEBIBYTE))
    await eventually(() => gateway.seen.find(line => line.includes('partNumber=1&')))
    proxy.close()
    body.push(large.subarray(0, 6 * MEBIBYTE))
    await expect(putting).rejects.toMatchObject({ code: 'CONNECTION_FAILED', retryable: true })
    const [left, ...others] = await unfinished()
    expect(left).toMatchObject({ key })
    expect(others).toEqual([])
    expect(Math.abs(Date.parse(left?.startedAt ?? '') - Date.now())).toBeLessThan(60_000)
    await direct.abortUnfinished(left ?? { key, uploadId: '', startedAt: '' }, never)
    expect(await unfinished()).toEqual([])
    await direct.abortUnfinished(left ?? { key, uploadId: '', startedAt: '' }, never)
  })

  test('a store that comes back within seconds is waited for', async () => {
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: Number(new URL(settings.endpoint ?? '').port) })
    try {
      const patient = openAt(`http://127.0.0.1:${proxy.port}`, {})
      proxy.refuse()
      const putting = patient.put(key, Buffer.from('back'), never)
      setTimeout(() => void proxy.resume(), 500)
      expect(await putting).toBe(4)
    } finally {
      proxy.close()
    }
  })

  test('a silent store ends every method in time', async () => {
    const silent = openAt(gateway.endpoint, { socketTimeoutMs: 200, answerTimeoutMs: 500, retries: QUICK })
    gateway.fault(/./, { kind: 'silence' })
    const timeout = { retryable: true, details: { reason: 'timeout' } }
    await expect(silent.put(key, Buffer.from('x'), never)).rejects.toMatchObject(timeout)
    await expect(silent.put(key, piecesOf(large), never)).rejects.toMatchObject(timeout)
    await expect(silent.get(key, never)).rejects.toMatchObject(timeout)
    await expect(silent.list({ prefix: own }, never)).rejects.toMatchObject(timeout)
    await expect(silent.head(key, never)).rejects.toMatchObject(timeout)
    await expect(silent.delete([key], never)).rejects.toMatchObject(timeout)
  })
})
