import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EnvironmentId, newId } from '#shared/ids.ts'
import { withoutWriting } from '../../testing/unprivileged.ts'
import { EnvironmentRepository, type StoredEnvironment } from './environment.repository.ts'

const PROJECT = resolve(import.meta.dirname, '..', '..', '..', '..')

const environment = (name: string): StoredEnvironment => ({
  id: EnvironmentId.parse(newId()),
  name,
  class: 'development',
  role: 'dba',
  stores: {},
  createdAt: new Date().toISOString(),
  updatedAt: new Date().toISOString(),
  secrets: { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' },
})

describe('the file of environments', () => {
  let folder: string
  let path: string
  let repository: EnvironmentRepository
  const add = (name: string) => repository.change(current => [...current, environment(name)])
  const names = async () => (await repository.all()).map(one => one.name)

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'tenantry-environments-')), 'data')
    path = join(folder, 'environments.json')
    repository = new EnvironmentRepository(folder)
  })
  afterEach(() => rm(join(folder, '..'), { recursive: true }))

  test('does not exist before the first change', async () => {
    expect(await names()).toEqual([])
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })
  test('is readable by its owner only, with its version, and nothing is left beside it', async () => {
    await add('one')
    await add('two')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1, environments: [{ name: 'one' }, {}] })
    expect(await readdir(folder)).toEqual(['environments.json'])
  })
  test('shows what another process wrote', async () => {
    await add('one')
    await new EnvironmentRepository(folder).change(current => [...current, environment('two')])
    expect(await names()).toEqual(['one', 'two'])
  })

  test('keeps the changes of several processes that write at once', async () => {
    const script = `
      import { EnvironmentRepository } from './src/main/features/environments/environment.repository.ts'
      const [folder, template, label] = process.argv.slice(1)
      const repository = new EnvironmentRepository(folder)
      for (let n = 0; n < 10; n++) {
        await repository.change(all => [...all, { ...JSON.parse(template), id: crypto.randomUUID(), name: label + n }])
      }`
    const flags = ['--input-type=module-typescript', '--no-warnings', '--eval', script]
    const labels = ['a', 'b', 'c']
    await Promise.all([
      ...labels.map(label =>
        promisify(execFile)(process.execPath, [...flags, folder, JSON.stringify(environment('x')), label], {
          cwd: PROJECT,
        }),
      ),
      ...Array.from({ length: 10 }, (_, n) => add(`d${n}`)),
    ])
    const all = await names()
    expect(all).toHaveLength(40)
    expect(new Set(all).size).toBe(40)
    expect(await readdir(folder)).toEqual(['environments.json'])
  })

  describe('a lock that was left behind', () => {
    beforeEach(() => add('one'))

    test('by a process that died is taken over at once', async () => {
      const { pid } = await new Promise<{ pid: number }>(done => {
        const child = execFile(process.execPath, ['--eval', ''], () => done({ pid: child.pid ?? 0 }))
      })
      await writeFile(`${path}.lock`, JSON.stringify({ pid, token: 'dead' }))
      await add('two')
      expect(await names()).toEqual(['one', 'two'])
    })
    test('long ago is taken over, whatever it holds', async () => {
      await writeFile(`${path}.lock`, '')
      const minuteAgo = Date.now() / 1_000 - 60
      await utimes(`${path}.lock`, minuteAgo, minuteAgo)
      await add('two')
      expect(await names()).toEqual(['one', 'two'])
    })
    test('by a process that judged another lock does not stop anybody either', async () => {
      const minuteAgo = Date.now() / 1_000 - 60
      for (const file of [`${path}.lock`, `${path}.lock.stale`]) {
        await writeFile(file, JSON.stringify({ pid: process.pid, token: 'old' }))
        await utimes(file, minuteAgo, minuteAgo)
      }
      await add('two')
      expect(await names()).toEqual(['one', 'two'])
    })
  })

  describe('that cannot be understood', () => {
    test.each([
      ['not JSON', '{"version": 1, "envir', 'INTERNAL', 'not valid JSON'],
      ['empty of sense', '[]', 'INTERNAL', 'does not hold'],
      ['of a wrong form', '{"version": 1, "environments": [{"name": 5}]}', 'INTERNAL', 'does not hold'],
      ['newer than this program', '{"version": 99, "environments": []}', 'UNSUPPORTED', 'newer'],
    ])('because it is %s is named, and kept as it is', async (_what, text, ...[code, words]) => {
      await add('one')
      await writeFile(path, text)
      await expect(repository.all()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words ?? ''),
        hint: expect.stringContaining('left as it is'),
      })
      await expect(add('two')).rejects.toMatchObject({ code })
      expect(await readFile(path, 'utf8')).toBe(text)
      expect(await readdir(folder)).toEqual(['environments.json'])
    })
    test('works again once it is repaired', async () => {
      await add('one')
      const good = await readFile(path, 'utf8')
      await writeFile(path, 'broken')
      await expect(repository.all()).rejects.toThrow()
      await writeFile(path, good)
      expect(await names()).toEqual(['one'])
    })
  })

  test('an edit that fails changes nothing and frees the lock', async () => {
    await add('one')
    const failing = repository.change(() => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await add('two')
    expect(await names()).toEqual(['one', 'two'])
  })

  test('a folder that cannot be written to is named, and nothing changes', async () => {
    await add('one')
    const parent = join(folder, '..')
    await chmod(parent, 0o755)
    await chmod(path, 0o644)
    await withoutWriting(folder, () =>
      expect(add('two')).rejects.toMatchObject({ code: 'INTERNAL', hint: expect.stringContaining('permissions') }),
    )
    expect(await names()).toEqual(['one'])
  })
})
