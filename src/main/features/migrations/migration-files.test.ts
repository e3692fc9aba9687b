import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadFleetMigrations, loadMigrations } from './migration-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-migrations-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = async (...names: string[]) => {
  for (const name of names) await writeFile(join(folder, name), `-- ${name}\n`)
}

describe('migration files', () => {
  it('come in the order of their versions, with the SHA-256 of the up file', async () => {
    await write('0002_b.up.sql', '0002_b.down.sql', '0001_a.up.sql', '0001_a.down.sql', 'README.md')
    const found = await loadMigrations(folder)
    expect(found.map(({ version, name }) => [version, name])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(found[0]?.checksum).toBe(createHash('sha256').update('-- 0001_a.up.sql\n').digest('hex'))
    expect(found[0]?.down).toBe('-- 0001_a.down.sql\n')
  })

  it.each([
    ['a gap', ['0001_a.up.sql', '0001_a.down.sql', '0003_c.up.sql', '0003_c.down.sql'], 'version 2 is missing'],
    ['two names for a version', ['0001_a.up.sql', '0001_b.down.sql'], 'two names'],
    ['a missing down file', ['0001_a.up.sql'], 'lacks'],
    ['a missing up file', ['0001_a.down.sql'], 'lacks'],
    ['a name out of form', ['1_a.up.sql'], 'not named'],
    ['the number 0', ['0000_a.up.sql'], 'count from 1'],
  ])('are refused with %s', async (_fault, names, message) => {
    await write(...names)
    await expect(loadMigrations(folder)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(message),
    })
  })
})

describe('the fleet’s set of migrations', () => {
  let own: string
  beforeEach(async () => {
    own = await mkdtemp(join(tmpdir(), 'tenantry-own-'))
    await write('0001_a.up.sql', '0001_a.down.sql', '0002_b.up.sql', '0002_b.down.sql')
  })
  afterEach(() => rm(own, { recursive: true, force: true }))
  const put = async (name: string, text: string | Uint8Array = 'select 1') => await writeFile(join(own, name), text)

  it('is the built-in one where an environment has no folder', async () => {
    expect((await loadFleetMigrations(folder)).map(one => [one.version, one.origin])).toEqual([
      [1, 'built-in'],
      [2, 'built-in'],
    ])
  })

  it('interleaves both by number: a later built-in one comes before own ones of higher numbers', async () => {
    await put('0100_c.up.sql', '-- tenantry: no-transaction\ncreate index concurrently i on t (a)')
    await put('0101_d.up.sql')
    await put('0101_d.down.sql')
    await write('0003_later.up.sql', '0003_later.down.sql')
    const set = await loadFleetMigrations(folder, own)
    expect(set.map(one => [one.version, one.name, one.origin])).toEqual([
      [1, 'a', 'built-in'],
      [2, 'b', 'built-in'],
      [3, 'later', 'built-in'],
      [100, 'c', 'own'],
      [101, 'd', 'own'],
    ])
    expect(set[3]).toMatchObject({ down: null, downDirectives: null, directives: { isWithoutTransaction: true } })
    expect(set[4]?.downDirectives).not.toBeNull()
  })

  it('has no built-in migration that a tenant could not be built with', async () => {
    await writeFile(join(folder, '0003_x.up.sql'), '-- tenantry: no-transaction\nselect 1')
    await write('0003_x.down.sql')
    await expect(loadFleetMigrations(folder)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('0003_x.up.sql'),
    })
  })

  it('may come from an empty folder', async () => {
    expect(await loadFleetMigrations(folder, own)).toHaveLength(2)
  })

  it.each([
    ['a number of both', ['0002_mine.up.sql'], "Tenantry's own migration b"],
    ['a gap inside the folder', ['0100_a.up.sql', '0102_c.up.sql'], 'version 101 is missing'],
    ['a down file alone', ['0100_a.down.sql'], 'lacks its up'],
  ])('is refused with %s', async (_fault, names, message) => {
    for (const name of names) await put(name)
    await expect(loadFleetMigrations(folder, own)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(message),
    })
  })

  it('is refused with an unknown directive, a text that does not end and bytes that are no text, named', async () => {
    await put('0100_a.up.sql', '-- why\n-- tenantry: fast\nselect 1')
    await expect(loadFleetMigrations(folder, own)).rejects.toThrow('0100_a.up.sql, line 2: "fast" is no directive')
    await put('0100_a.up.sql', 'select 1')
    await put('0100_a.down.sql', `select 'open`)
    await expect(loadFleetMigrations(folder, own)).rejects.toThrow('0100_a.down.sql, line 1: a quote')
    await put('0100_a.down.sql', new Uint8Array([0x66, 0xff, 0xfe]))
    await expect(loadFleetMigrations(folder, own)).rejects.toThrow('not UTF-8')
  })

  it('is refused when the folder is not there', async () => {
    await expect(loadFleetMigrations(folder, join(own, 'gone'))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
