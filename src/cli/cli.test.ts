import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'cli.ts')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-cli-'))
})
afterEach(() => rm(folder, { recursive: true }))

function start(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, TENANTRY_DATA: folder } })
  const outcome = async () => {
    const [[code], out, notes] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
    return { code, out, notes }
  }
  return { child, outcome: outcome() }
}

test('runs from its source over the real services', async () => {
  const info = await start('app', 'info', '--json').outcome
  expect(info).toMatchObject({ code: 0, notes: '' })
  expect(JSON.parse(info.out)).toMatchObject({ host: 'cli', version: expect.stringMatching(/^\d/) })
})

test('Ctrl-C ends a command that waits for standard input, with 130', async () => {
  const names = ['--name', 'D', '--class', 'development', '--role', 'dba', '--secret-storage', 'session']
  const { child, outcome } = start('environments', 'import', '--from-file', '-', ...names)
  // From here on the program has its handlers, and reads or is about to.
  await vi.waitFor(() => access(join(folder, 'logs', 'tenantry.log')), { timeout: 4_000 })
  child.kill('SIGINT')
  expect(await outcome).toMatchObject({ code: 130, out: '', notes: expect.stringContaining('(CANCELLED)') })
})
