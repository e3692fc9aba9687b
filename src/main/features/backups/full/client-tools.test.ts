import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ClientTools, type ToolName } from './client-tools.ts'
import { requireRestrict } from './psql-restrict.ts'

const never = new AbortController().signal

describe.skipIf(process.platform === 'win32')('client tools', () => {
  let base: string

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'tenantry-tools-'))
  })
  afterEach(() => rm(base, { recursive: true }))

  async function program(folder: string, name: string, script: string): Promise<string> {
    const path = join(base, folder, name)
    await mkdir(join(base, folder), { recursive: true })
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
    return path
  }
  const tool = (folder: string, version: string, name: ToolName = 'pg_dump') =>
    program(folder, name, `echo '${name} (PostgreSQL) ${version}'`)
  const choose = (tools: ClientTools, major: number, name: ToolName = 'pg_dump') => tools.choose(name, major, never)
  const wellKnown = () => new ClientTools({ path: '', wellKnown: [join(base, 'lib', '*', 'bin')] })

  test('takes the server’s own major version, wherever it lies', async () => {
    await tool('lib/14/bin', '14.11 (Debian 14.11-1)')
    const path = await tool('lib/15/bin', '15.3')
    await tool('lib/18/bin', '18beta1')
    expect(await choose(wellKnown(), 15)).toEqual({ name: 'pg_dump', path, version: '15.3', major: 15, minor: 3 })
    expect(await choose(wellKnown(), 18)).toMatchObject({ major: 18, minor: 0 })
  })

  test('else takes the next newer one, never an older one', async () => {
    await tool('lib/14/bin', '14.11')
    await tool('lib/17/bin', '17.6')
    await tool('lib/18/bin', '18.1')
    expect((await choose(wellKnown(), 15)).major).toBe(17)
  })

  test('looks in the chosen folder first, then in PATH, then in the well-known places', async () => {
    const places = { folder: join(base, 'own'), path: join(base, 'path'), wellKnown: [join(base, 'lib', '*', 'bin')] }
    const known = await tool('lib/15/bin', '15.1')
    expect((await choose(new ClientTools(places), 15)).path).toBe(known)
    const inPath = await tool('path', '15.2')
    expect((await choose(new ClientTools(places), 15)).path).toBe(inPath)
    const own = await tool('own', '15.3')
    expect((await choose(new ClientTools(places), 15)).path).toBe(own)
  })

  test('says what was found where and what is needed when only older ones are here', async () => {
    const path = await tool('lib/15/bin', '15.18')
    await expect(choose(wellKnown(), 18)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: `The server is PostgreSQL 18, and no pg_dump here fits: found 15.18 at ${path}. Needed is version 18 or newer.`,
      hint: expect.stringContaining('set the folder'),
      details: { reason: 'client-tools', found: [{ path, version: '15.18' }], searched: [join(base, 'lib/15/bin')] },
    })
  })

  test('says that there is none, and finds it once it is installed', async () => {
    const tools = wellKnown()
    await expect(choose(tools, 15)).rejects.toMatchObject({ message: expect.stringContaining('was not found') })
    await tool('lib/15/bin', '15.1')
    expect((await choose(tools, 15)).version).toBe('15.1')
  })

  test('asks each tool once, and again when it is gone', async () => {
    const log = join(base, 'asked')
    const path = await program('lib/15/bin', 'pg_dump', `echo x >>'${log}'; echo 'pg_dump (PostgreSQL) 15.1'`)
    const tools = wellKnown()
    await choose(tools, 15)
    await rm(log)
    expect((await choose(tools, 15)).path).toBe(path)
    await expect(import('node:fs/promises').then(fs => fs.access(log))).rejects.toThrow()
    await rm(path)
    await expect(choose(tools, 15)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('takes no pg_restore that sets what an older server does not know', async () => {
    await tool('lib/18/bin', '18.1', 'pg_restore')
    await expect(choose(wellKnown(), 15, 'pg_restore')).rejects.toMatchObject({
      details: { needed: 'version 15 to 16' },
    })
    expect((await choose(wellKnown(), 17, 'pg_restore')).major).toBe(18)
    expect((await wellKnown().chooseReader(15, never)).major).toBe(18)
    await expect(wellKnown().chooseReader(19, never)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('passes over wrappers, other programs and what does not run', async () => {
    const wrapper = await program('share', 'pg_wrapper', `echo 'pg_dump (PostgreSQL) 15.1'`)
    await mkdir(join(base, 'lib/wrapped/bin'), { recursive: true })
    await symlink(wrapper, join(base, 'lib/wrapped/bin/pg_dump'))
    await program('lib/other/bin', 'pg_dump', 'echo hello')
    await program('lib/broken/bin', 'pg_dump', 'echo "pg_dump (PostgreSQL) 15.1"; exit 3')
    await program('lib/loud/bin', 'pg_dump', 'yes')
    await expect(choose(wellKnown(), 15)).rejects.toMatchObject({ details: { found: [] } })
  })

  test('gives tools nothing of this process’s environment', async () => {
    const log = join(base, 'environment')
    await program('lib/15/bin', 'pg_dump', `/usr/bin/env >'${log}'; echo 'pg_dump (PostgreSQL) 15.1'`)
    process.env.PGPASSWORD = 'of-somebody-else'
    try {
      await choose(wellKnown(), 15)
    } finally {
      delete process.env.PGPASSWORD
    }
    const seen = await import('node:fs/promises').then(fs => fs.readFile(log, 'utf8'))
    expect(seen).not.toContain('of-somebody-else')
    expect(seen).not.toContain('TENANTRY')
  })
})

describe('psql runs a script only where it knows \\restrict', () => {
  const psql = (major: number, minor: number) => () =>
    requireRestrict({ name: 'psql', path: '/x/psql', version: `${major}.${minor}`, major, minor })

  test.each([
    [15, 14],
    [16, 10],
    [17, 6],
    [18, 0],
    [19, 0],
  ])('%i.%i', (major, minor) => {
    expect(psql(major, minor)).not.toThrow()
  })
  test.each([
    [12, 22],
    [15, 13],
    [17, 5],
  ])('not %i.%i', (major, minor) => {
    expect(psql(major, minor)).toThrow(/cannot be kept from/)
  })
})
