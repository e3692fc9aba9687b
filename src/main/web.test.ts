import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'web.ts')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-web-'))
})
afterAll(() => rm(folder, { recursive: true }))

function start(...args: string[]) {
  const env = { ...process.env, TENANTRY_DATA: folder }
  return spawn(process.execPath, [PROGRAM, '--no-open', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: ChildProcess) {
  const [code] = await once(child, 'exit')
  return code
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 0],
] as const)('prints its address, serves, and on %s ends with %i', async (signal, exitCode) => {
  const child = start()
  const lines: string[] = []
  const output = createInterface({ input: child.stdout }).on('line', line => lines.push(line))
  const [address] = await once(output, 'line')
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
  expect((await fetch(`${new URL(address).origin}/host/refused`)).status).toBe(403)
  child.kill(signal)
  expect(await ended(child)).toBe(exitCode)
  expect(lines).toHaveLength(1)
})

test.each([['--port', 'x'], ['--port', '70000'], ['--role', 'king'], ['--nonsense']])(
  'refuses %s %s',
  async (...args) => {
    const child = start(...args)
    const [code, out, notes] = await Promise.all([ended(child), text(child.stdout), text(child.stderr)])
    expect([code, out]).toEqual([2, ''])
    expect(notes).not.toContain('    at ')
  },
)

test('a taken port ends with a message', async () => {
  const first = start()
  const [address] = await once(createInterface({ input: first.stdout }), 'line')
  const second = start('--port', new URL(address).port)
  const [code, notes] = await Promise.all([ended(second), text(second.stderr)])
  expect([code, notes]).toEqual([1, expect.stringContaining('EADDRINUSE')])
  first.kill('SIGTERM')
  await ended(first)
})
