import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../testing/eventually.ts'
import { realS3 } from '../../testing/real-stores.ts'
import type { BackupStore } from './backup-store.ts'
import { compareKeys } from './key.ts'
import { openBackupStore } from './open.ts'
import { probeBackupStore } from './probe.ts'

const never = new AbortController().signal

async function contentOf(stream: Readable): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part as Uint8Array)
  return Buffer.concat(parts)
}

async function allKeys(store: BackupStore, prefix: string, limit?: number): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list({ prefix, cursor, limit }, never)
    if (limit !== undefined) expect(page.objects.length).toBeLessThanOrEqual(limit)
    keys.push(...page.objects.map(object => object.key))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return keys
}

async function allFolders(store: BackupStore, prefix: string, limit?: number): Promise<string[]> {
  const folders: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.listFolders({ prefix, cursor, limit }, never)
    if (limit !== undefined) expect(page.folders.length).toBeLessThanOrEqual(limit)
    folders.push(...page.folders)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return folders
}

describe.each(['folder', 's3'] as const)('a backup store: %s', kind => {
  /** Everything of this run rests below it; the bucket is shared with other suites. */
  const own = `test-${randomUUID()}`
  let folder: string
  let store: BackupStore

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-backup-'))
    const s3 = realS3()
    store =
      kind === 'folder' ? openBackupStore({ kind, path: folder }, undefined) : openBackupStore(s3.settings, s3.secret)
  })
  afterAll(async () => {
    await store.delete(await allKeys(store, `${own}/`), never)
    await store.close()
    await rm(folder, { recursive: true })
  })

  test.each([0, 1, 1_000, 100_000])('gives back %i bytes as they were', async size => {
    const bytes = randomBytes(size)
    expect(await store.put(`${own}/bytes/${size}`, bytes, never)).toBe(size)
    expect((await contentOf(await store.get(`${own}/bytes/${size}`, never))).equals(bytes)).toBe(true)
  })

  test.each([
    ['of no length', []],
    ['of one piece', [100]],
    ['of uneven pieces', [1, 70_000, 3, 65_536]],
    ['of several parts', Array.from({ length: 13 }, () => 1_000_003)],
  ])('gives back a stream %s as it was', async (what, sizes) => {
    const pieces = sizes.map(size => randomBytes(size))
    const key = `${own}/stream/${what}`
    const whole = Buffer.concat(pieces)
    expect(await store.put(key, Readable.from(pieces), never)).toBe(whole.length)
    const read = await contentOf(await store.get(key, never))
    expect(createHash('sha256').update(read).digest('hex')).toBe(createHash('sha256').update(whole).digest('hex'))
  })

  test('replaces an object', async () => {
    const key = `${own}/replaced`
    await store.put(key, Buffer.from('one, and longer'), never)
    await store.put(key, Buffer.from('two'), never)
    expect(String(await contentOf(await store.get(key, never)))).toBe('two')
  })

  test('a stream that fails leaves the older object and nothing else', async () => {
    const key = `${own}/failing/object`
    await store.put(key, Buffer.from('older'), never)
    const failing = Readable.from(
      (function* () {
        yield Buffer.from('half')
        throw new Error('the source broke')
      })(),
    )
    await expect(store.put(key, failing, never)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(String(await contentOf(await store.get(key, never)))).toBe('older')
    expect(await allKeys(store, `${own}/failing/`)).toEqual([key])
  })

  test('a writer who cancels leaves nothing', async () => {
    const controller = new AbortController()
    const endless = Readable.from(
      (function* () {
        for (let count = 0; ; count++) {
          if (count === 20) controller.abort()
          yield randomBytes(100_000)
        }
      })(),
    )
    await expect(store.put(`${own}/endless/x`, endless, controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await allKeys(store, `${own}/endless/`)).toEqual([])
  })

  test('a reader who cancels gets no more', async () => {
    const key = `${own}/long`
    await store.put(key, randomBytes(8_000_000), never)
    const controller = new AbortController()
    const stream = await store.get(key, controller.signal)
    const reading = (async () => {
      for await (const _ of stream) controller.abort()
    })()
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('a caller who has cancelled already changes nothing', async () => {
    const gone = AbortSignal.abort()
    await expect(store.put(`${own}/gone`, Buffer.from('x'), gone)).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(store.list({ prefix: own }, gone)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await allKeys(store, `${own}/gone`)).toEqual([])
  })

  describe('reads a range', () => {
    const bytes = randomBytes(200_000)
    const key = `${own}/range`
    beforeAll(async () => {
      await store.put(key, bytes, never)
      await store.put(`${key}-empty`, Buffer.alloc(0), never)
    })

    test.each([
      { offset: 0 },
      { offset: 70_001 },
      { offset: 0, length: 1 },
      { offset: 65_535, length: 65_538 },
      { offset: 199_999, length: 1 },
      { offset: 199_990, length: 1_000 },
      { offset: 200_000 },
      { offset: 300_000, length: 5 },
      { offset: 10, length: 0 },
    ])('%j', async range => {
      const { offset, length = bytes.length } = range
      const found = await contentOf(await store.get(key, never, range))
      expect(found.equals(bytes.subarray(offset, offset + length))).toBe(true)
    })
    test('of an empty object', async () => {
      expect(await contentOf(await store.get(`${key}-empty`, never, { offset: 0 }))).toHaveLength(0)
    })
    test('that makes no sense: not at all', async () => {
      await expect(store.get(key, never, { offset: -1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    })
  })

  test('tells size and time of one object', async () => {
    await store.put(`${own}/head/one`, randomBytes(1_234), never)
    await store.put(`${own}/head/one-more`, randomBytes(1), never)
    const found = await store.head(`${own}/head/one`, never)
    expect(found).toMatchObject({ key: `${own}/head/one`, size: 1_234 })
    expect(Math.abs(Date.parse(found?.modifiedAt ?? '') - Date.now())).toBeLessThan(60_000)
    for (const none of ['head', 'head/on', 'head/one/more', 'nowhere/at-all']) {
      expect(await store.head(`${own}/${none}`, never)).toBeUndefined()
    }
    await expect(store.head('../outside', never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(store.head(`${own}/head/one`, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  test('an unfinished upload is listed until it ends, and can be taken away', async () => {
    const body = new Readable({ read() {} })
    const putting = store.put(`${own}/unfinished/x`, body, never)
    putting.catch(() => undefined)
    body.push(randomBytes(9_000_000))
    const [upload] = await eventually(async () => {
      const found = await store.listUnfinished(`${own}/unfinished/`, never)
      return found.length > 0 ? found : undefined
    })
    expect(upload).toMatchObject({ key: kind === 's3' ? `${own}/unfinished/x` : null })
    expect(Math.abs(Date.parse(upload?.startedAt ?? '') - Date.now())).toBeLessThan(60_000)
    if (upload !== undefined) await store.abortUnfinished(upload, never)
    expect(await store.listUnfinished(`${own}/unfinished/`, never)).toEqual([])
    body.push(randomBytes(9_000_000))
    body.push(null)
    await expect(putting).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await store.head(`${own}/unfinished/x`, never)).toBeUndefined()
    if (upload !== undefined) await store.abortUnfinished(upload, never)
  })

  test.each(['../../etc/passwd', 'a/b', ''])('no unfinished upload has the id %j in a folder', async uploadId => {
    if (kind === 's3') return
    await expect(store.abortUnfinished({ key: null, startedAt: '', uploadId }, never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  test('an object that does not exist is NOT_FOUND to read and nothing to delete', async () => {
    await expect(store.get(`${own}/nowhere/at-all`, never)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store.delete([`${own}/nowhere/at-all`], never)).resolves.toBeUndefined()
  })

  test.each(['../outside', '/etc/passwd', 'a/../../b', '', 'a\\b'])('refuses the key %j', async key => {
    const refused = { code: 'INVALID_INPUT' }
    await expect(store.put(key, Buffer.from('x'), never)).rejects.toMatchObject(refused)
    await expect(store.get(key, never)).rejects.toMatchObject(refused)
    await expect(store.delete([key], never)).rejects.toMatchObject(refused)
  })

  describe('listing', () => {
    const keys = [
      'a.txt',
      'a/b/c',
      'a/b.txt',
      'a-b/x',
      'ab',
      'Ü/ñ +&=.txt',
      'z/\u{1f600}',
      'z/\uffee',
      ...Array.from({ length: 25 }, (_, index) => `many/k${String(index).padStart(2, '0')}`),
    ].map(key => `${own}/list/${key}`)

    beforeAll(async () => {
      await Promise.all(keys.map(key => store.put(key, Buffer.from(key), never)))
    })

    test('names every object once, in the order of its bytes', async () => {
      expect(await allKeys(store, `${own}/list/`)).toEqual([...keys].sort(compareKeys))
    })
    test.each([1, 2, 7, 100])('gives the same in pages of %i', async limit => {
      expect(await allKeys(store, `${own}/list/`, limit)).toEqual([...keys].sort(compareKeys))
    })
    test.each(['many/', 'many/k1', 'a', 'a/b', 'Ü', 'none'])('keeps to the prefix %j', async prefix => {
      const wanted = keys.filter(key => key.startsWith(`${own}/list/${prefix}`)).sort(compareKeys)
      expect(await allKeys(store, `${own}/list/${prefix}`, 4)).toEqual(wanted)
    })
    test.each([
      ['', ['a-b/', 'a/', 'many/', 'z/', 'Ü/']],
      ['a', ['a-b/', 'a/']],
      ['a/', ['a/b/']],
      ['many', ['many/']],
      ['z/', []],
      ['Ü', ['Ü/']],
      ['none/', []],
    ])('names the folders below %j', async (prefix, folders) => {
      const wanted = folders.map(folder => `${own}/list/${folder}`)
      const request = { prefix: `${own}/list/${prefix}` }
      expect(await store.listFolders(request, never)).toEqual({ folders: wanted, nextCursor: null })
      expect(await allFolders(store, request.prefix, 1)).toEqual(wanted)
      expect(await allFolders(store, request.prefix, 2)).toEqual(wanted)
    })
    test('names folders at the root, but not its own', async () => {
      const found = await allFolders(store, '')
      expect(found).toContain(`${own}/`)
      expect(found.filter(folder => folder.startsWith('.tenantry'))).toEqual([])
      await expect(store.listFolders({ prefix: '' }, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
    })
    test('tells size and time', async () => {
      const page = await store.list({ prefix: `${own}/list/ab` }, never)
      expect(page).toMatchObject({ objects: [{ size: Buffer.byteLength(`${own}/list/ab`) }], nextCursor: null })
      expect(Math.abs(Date.parse(page.objects[0]?.modifiedAt ?? '') - Date.now())).toBeLessThan(60_000)
    })
    test('iterates over all', async () => {
      const found: string[] = []
      for await (const { key } of store.listAll(`${own}/list/many/`)) found.push(key)
      expect(found).toHaveLength(25)
    })
    test('no longer names what was deleted', async () => {
      const many = await allKeys(store, `${own}/list/many/`)
      await store.delete(many.slice(0, 20), never)
      expect(await allKeys(store, `${own}/list/many/`)).toEqual(many.slice(20))
    })
  })

  test('lists archives by folder, in pages, without their objects', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `${own}/archives/backup_schema_${1_000 + index}/`)
    for (let start = 0; start < names.length; start += 25) {
      const some = names.slice(start, start + 25)
      const keys = some.flatMap(name => [`${name}manifest.json`, `${name}data/001_users.copy.zst`])
      await Promise.all(keys.map(key => store.put(key, Buffer.from('x'), never)))
    }
    const first = await store.listFolders({ prefix: `${own}/archives/`, limit: 100 }, never)
    expect(first.folders).toEqual(names.slice(0, 100))
    expect(await allFolders(store, `${own}/archives/`, 100)).toEqual(names)
    await store.delete(await allKeys(store, `${own}/archives/`), never)
    expect(await allFolders(store, `${own}/archives/`)).toEqual([])
  })

  test('the probe succeeds and leaves nothing behind', async () => {
    const before = await allKeys(store, 'tenantry-probe/')
    const times = await probeBackupStore(store, never)
    for (const time of [times.write, times.read, times.delete]) expect(time).toBeGreaterThan(0)
    expect((await allKeys(store, 'tenantry-probe/')).filter(key => !before.includes(key))).toEqual([])
  })
})
