import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startServices } from '../index.ts'
import { ADDRESS_VARIABLE } from '../names.ts'
import { query } from '../postgres/server.ts'
import { isAlive } from '../runtime/process-identity.ts'
import { type RunState, readState } from '../runtime/state.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

describe('the life of services', () => {
  beforeEach(() => {
    for (const name of Object.values(ADDRESS_VARIABLE)) vi.stubEnv(name, undefined)
    return () => vi.unstubAllEnvs()
  })

  async function temporaryFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-lifecycle-'))
    // As root the servers are another user, who has to get through.
    await chmod(folder, 0o755)
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  function stateOf(path: string): RunState {
    const state = readState(path)
    if (state === undefined) throw new Error(`There is no ${path}`)
    return state
  }

  const isGone = ({ processes, directories }: RunState): boolean =>
    !processes.some(isAlive) && !directories.some(path => existsSync(path))

  test('starts what is missing, and takes what the environment gives', async () => {
    vi.stubEnv('TENANTRY_TEST_REDIS_URL', 'redis://given.example')
    const services = await startServices(['postgres15', 'redis'])
    onTestFinished(() => services.stop())
    expect(services.env.TENANTRY_TEST_REDIS_URL).toBe('redis://given.example')
    expect(stateOf(services.statePath).processes.map(({ name }) => name)).toEqual(['postgres15'])
    expect(await query(services.env.TENANTRY_TEST_PG15_URL ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('leaves nothing behind when stopped', async () => {
    const services = await startServices(['postgres15', 'redis'])
    const state = stateOf(services.statePath)
    expect(state.processes.every(isAlive)).toBe(true)
    await services.stop()
    expect(isGone(state)).toBe(true)
    expect(existsSync(services.statePath)).toBe(false)
  })

  test('lets two runs live side by side', async () => {
    const [first, second] = await Promise.all([startServices(['redis']), startServices(['redis'])])
    onTestFinished(() => second.stop())
    expect(first.env.TENANTRY_TEST_REDIS_URL).not.toBe(second.env.TENANTRY_TEST_REDIS_URL)
    await first.stop()
    expect(stateOf(second.statePath).processes.every(isAlive)).toBe(true)
  })

  test('ends everything when its starter is killed half-way', async () => {
    const statePath = join(await temporaryFolder(), 'state.json')
    const argv = [CLI, 'up', '--only', 'postgres15,redis-cluster', '--state', statePath]
    const starter = spawn(process.execPath, argv, { stdio: 'ignore' })
    await expect.poll(() => readState(statePath)?.processes.length ?? 0, { timeout: 20_000 }).toBeGreaterThan(1)
    starter.kill('SIGKILL')
    await once(starter, 'exit')
    const state = stateOf(statePath)
    await expect.poll(() => existsSync(statePath), { timeout: 20_000 }).toBe(false)
    expect(isGone(state)).toBe(true)
  })

  test('outlives the command that started it, until another command ends it', async () => {
    const state = join(await temporaryFolder(), 'state.json')
    const command = async (...argv: string[]): Promise<unknown> =>
      (await once(spawn(process.execPath, [CLI, ...argv, '--state', state], { stdio: 'ignore' }), 'exit'))[0]
    expect(await command('up', '--only', 'redis')).toBe(0)
    const running = stateOf(state)
    expect(running.processes.every(isAlive)).toBe(true)
    // A second start over a running one would lose sight of the first.
    expect(await command('up', '--only', 'redis')).toBe(1)
    expect(await command('down')).toBe(0)
    expect(isGone(running)).toBe(true)
  })

  test('finds kept data under the same passwords again', async () => {
    const dataDirectory = await temporaryFolder()
    const first = await startServices(['postgres15', 'redis'], { dataDirectory })
    await query(first.env.TENANTRY_TEST_PG15_URL ?? '', 'CREATE TABLE kept AS SELECT 42 AS answer')
    const client = new Redis(first.env.TENANTRY_TEST_REDIS_URL ?? '')
    await client.set('kept', 'yes')
    client.disconnect()
    await first.stop()
    const second = await startServices(['postgres15', 'redis'], { dataDirectory })
    onTestFinished(() => second.stop())
    expect(await query(second.env.TENANTRY_TEST_PG15_URL ?? '', 'TABLE kept')).toEqual([{ answer: 42 }])
    const again = new Redis(second.env.TENANTRY_TEST_REDIS_URL ?? '')
    expect(await again.get('kept')).toBe('yes')
    again.disconnect()
  })
})
