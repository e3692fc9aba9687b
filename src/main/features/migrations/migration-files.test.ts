import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadMigrations } from './migration-files.ts'

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
  ])('are refused with %s', async (_fault, names, message) => {
    await write(...names)
    await expect(loadMigrations(folder)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(message),
    })
  })
})
