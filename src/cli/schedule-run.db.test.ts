import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../main/testing/eventually.ts'
import { createTestConsole, type TestConsole } from '../main/testing/test-console.ts'

const PROGRAM = join(import.meta.dirname, 'cli.ts')
const STARTED_MS = 20_000

let console: TestConsole
beforeAll(async () => {
  console = await createTestConsole()
})
afterAll(() => console[Symbol.asyncDispose]())

/** The program in a process of its own, over the environment of the test. */
function start() {
  const { password } = console.database
  const env = { ...process.env, TENANTRY_DATA: console.folder, TENANTRY_SECRET_POSTGRES: password }
  const child = spawn(process.execPath, [PROGRAM, 'schedule', 'run', '--json'], { env })
  let notes = ''
  child.stderr.on('data', (chunk: Buffer) => {
    notes += String(chunk)
  })
  const exit = once(child, 'exit')
  return {
    child,
    exit: async () => (await exit) as [number | null, NodeJS.Signals | null],
    seen: (type: string) =>
      eventually(() => (notes.includes(`"type":"${type}"`) ? true : undefined), STARTED_MS).catch(() => {
        throw new Error(`No event ${type} in: ${notes}`)
      }),
  }
}

test('stops in order when told to, and leaves the schedules to the next also when killed', async () => {
  const killed = start()
  await killed.seen('leading')
  const waiting = start()
  await waiting.seen('waiting')
  waiting.child.kill('SIGINT')
  expect(await waiting.exit()).toEqual([130, null])
  killed.child.kill('SIGKILL')
  expect(await killed.exit()).toEqual([null, 'SIGKILL'])
  const { client, environment } = console
  const list = () => client.call('schedules.list', { environmentId: environment.id })
  // The server notices the end of the connection in its own time.
  await eventually(async () => ((await list()).runner === null ? true : undefined))
  const next = start()
  await next.seen('leading')
  expect((await list()).runner).toMatchObject({ application: 'cli' })
  next.child.kill('SIGTERM')
  expect(await next.exit()).toEqual([0, null])
  await next.seen('stopped')
})
