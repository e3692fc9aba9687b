import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutWriting } from '../../testing/unprivileged.ts'
import { FolderStore } from './folder-store.ts'
import { TEMPORARY_FOLDER } from './folder-walk.ts'

const never = new AbortController().signal

describe('a folder as backup store', () => {
  let base: string
  let root: string
  let outside: string
  let store: FolderStore

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'tenantry-folder-'))
    root = join(base, 'store')
    outside = join(base, 'outside')
    await mkdir(root)
    await mkdir(outside)
    await writeFile(join(outside, 'secret.txt'), 'not yours')
    store = new FolderStore({ path: root })
  })
  afterAll(() => rm(base, { recursive: true }))

  test('keeps its objects from other users of the machine', async () => {
    await store.put('private/one', Buffer.from('x'), never)
    expect((await stat(join(root, 'private/one'))).mode & 0o077).toBe(0)
    expect((await stat(join(root, 'private'))).mode & 0o077).toBe(0)
  })

  test('an unfinished object is never listed, and leaves nothing when it fails', async () => {
    let isSeen: string[] = ['not looked']
    const body = Readable.from(
      (async function* () {
        yield Buffer.from('half')
        isSeen = (await store.list({ prefix: '' }, never)).objects.map(object => object.key)
        throw new Error('the source broke')
      })(),
    )
    await expect(store.put('unfinished/x', body, never)).rejects.toThrow()
    expect(isSeen.filter(key => key.includes('unfinished'))).toEqual([])
    expect(await readdir(join(root, TEMPORARY_FOLDER))).toEqual([])
  })

  test('what a killed process left unfinished goes after a day, what is being written stays', async () => {
    const [old, recent] = ['old', 'recent'].map(name => join(root, TEMPORARY_FOLDER, name))
    await writeFile(old ?? '', 'half')
    await writeFile(recent ?? '', 'half')
    const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400
    await utimes(old ?? '', twoDaysAgo, twoDaysAgo)
    await new FolderStore({ path: root }).put('after/kill', Buffer.from('x'), never)
    expect(await readdir(join(root, TEMPORARY_FOLDER))).toEqual(['recent'])
  })

  test('no key begins in the folder of unfinished objects', async () => {
    await expect(store.put(`${TEMPORARY_FOLDER}/x`, Buffer.from('x'), never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  test('removes folders with their last object, and keeps those that hold more', async () => {
    await store.put('deep/er/one', Buffer.from('x'), never)
    await store.put('deep/two', Buffer.from('x'), never)
    await store.delete(['deep/er/one'], never)
    expect(await readdir(join(root, 'deep'))).toEqual(['two'])
    await store.delete(['deep/two'], never)
    expect(await readdir(root)).not.toContain('deep')
  })

  test('pages through 10,000 archives without a look into them', async () => {
    // The disk is not what is tried here, and may be busy: a folder in memory where the system has one.
    const many = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tenantry-many-'))
    const names = Array.from({ length: 10_000 }, (_, index) => `backup_schema_${10_000 + index}`)
    for (const name of names) {
      mkdirSync(join(many, 'schemas', name), { recursive: true })
      writeFileSync(join(many, 'schemas', name, 'manifest.json'), '{}')
    }
    const listed = new FolderStore({ path: many })
    const found: string[] = []
    const pages: number[] = []
    let cursor: string | undefined
    do {
      const page = await listed.listFolders({ prefix: 'schemas/', limit: 250, cursor }, never)
      pages.push(page.folders.length)
      found.push(...page.folders)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(found).toEqual(names.map(name => `schemas/${name}/`))
    expect(pages).toEqual(Array(40).fill(250))
    rmSync(many, { recursive: true })
  }, 20_000)

  test('deletes an archive with the folders that held it', async () => {
    const keys = ['manifest.json', 'schema.sql', ...Array.from({ length: 20 }, (_, index) => `data/${index}.copy.zst`)]
    const archive = keys.map(key => `archives/one/${key}`)
    await Promise.all([...archive, 'archives/two/manifest.json'].map(key => store.put(key, Buffer.from('x'), never)))
    await store.delete(archive, never)
    expect(await readdir(join(root, 'archives'))).toEqual(['two'])
    await store.put('archives/one/manifest.json', Buffer.from('again'), never)
    await store.delete(['archives/one/manifest.json', 'archives/two/manifest.json'], never)
    expect(await readdir(root)).not.toContain('archives')
  })

  test('an object in the place of a folder, or a folder in the place of an object, is named', async () => {
    const conflict = { code: 'CONFLICT', hint: expect.any(String) }
    await store.put('way/file', Buffer.from('x'), never)
    await expect(store.put('way/file/below', Buffer.from('x'), never)).rejects.toMatchObject(conflict)
    await expect(store.put('way', Buffer.from('x'), never)).rejects.toMatchObject(conflict)
    await expect(store.get('way', never)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await readdir(join(root, TEMPORARY_FOLDER))).not.toContain('x')
    await store.delete(['way/file'], never)
  })

  test('writes while others delete beside it', async () => {
    const rounds = Array.from({ length: 40 }, (_, index) => index)
    await Promise.all(
      rounds.map(async index => {
        await store.put(`busy/folder/${index}`, Buffer.from(String(index)), never)
        await store.delete([`busy/folder/${index}`], never)
      }),
    )
    expect((await store.list({ prefix: 'busy/' }, never)).objects).toEqual([])
  })

  describe('does not follow links out of the folder', () => {
    beforeAll(async () => {
      await symlink(outside, join(root, 'linked'))
      await symlink(join(outside, 'secret.txt'), join(root, 'file-link'))
    })
    afterAll(() => Promise.all([rm(join(root, 'linked')), rm(join(root, 'file-link'))]))

    test('to write', async () => {
      await expect(store.put('linked/x', Buffer.from('x'), never)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
      await expect(store.put('linked/a/b', Buffer.from('x'), never)).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
      })
      expect(await readdir(outside)).toEqual(['secret.txt'])
    })
    test('to read', async () => {
      await expect(store.get('linked/secret.txt', never)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
      await expect(store.get('file-link', never)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })
    test('to delete', async () => {
      await expect(store.delete(['linked/secret.txt'], never)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
      expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('not yours')
    })
    test('to list', async () => {
      expect((await store.list({ prefix: '' }, never)).objects.filter(({ key }) => /link/.test(key))).toEqual([])
    })
  })

  describe('failures are named', () => {
    const list = (path: string) => expect(new FolderStore({ path }).list({ prefix: '' }, never)).rejects
    const hint = expect.any(String)

    test('a folder that does not exist', async () => {
      await list(join(base, 'nowhere')).toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'missing' },
        hint,
      })
    })
    test('a file in its place', async () => {
      await list(join(outside, 'secret.txt')).toMatchObject({
        code: 'CONNECTION_FAILED',
        details: { reason: 'missing' },
      })
    })
    test('a relative path', async () => {
      await list('backups').toMatchObject({ code: 'INVALID_INPUT', hint })
    })
    test('a folder that may not be written to', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tenantry-read-only-'))
      const refusing = new FolderStore({ path: folder })
      try {
        await withoutWriting(folder, () =>
          expect(refusing.put('x', Buffer.from('x'), never)).rejects.toMatchObject({
            code: 'PERMISSION_DENIED',
            details: { reason: 'permission' },
            hint,
          }),
        )
      } finally {
        await rm(folder, { recursive: true })
      }
    })
    // Only root can mount a disk small enough to fill.
    test.runIf(process.getuid?.() === 0)('a full disk, which keeps the older object', async () => {
      const disk = await mkdtemp(join(tmpdir(), 'tenantry-full-disk-'))
      const run = promisify(execFile)
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
      try {
        const small = new FolderStore({ path: disk })
        await small.put('x', Buffer.from('older'), never)
        await expect(small.put('x', Buffer.alloc(2_000_000, 'y'), never)).rejects.toMatchObject({
          code: 'CONNECTION_FAILED',
          message: expect.stringContaining('full'),
          hint,
        })
        const endless = Readable.from(
          (function* () {
            for (;;) yield Buffer.alloc(50_000, 'z')
          })(),
        )
        await expect(small.put('x', endless, never)).rejects.toMatchObject({
          code: 'CONNECTION_FAILED',
          message: expect.stringContaining('full'),
          retryable: true,
        })
        expect(endless.destroyed).toBe(true)
        expect(await readFile(join(disk, 'x'), 'utf8')).toBe('older')
        expect(await readdir(join(disk, TEMPORARY_FOLDER))).toEqual([])
        expect(await small.put('x', Buffer.alloc(500_000, 'y'), never)).toBe(500_000)
      } finally {
        await run('umount', [disk])
        await rm(disk, { recursive: true })
      }
    })
  })
})
