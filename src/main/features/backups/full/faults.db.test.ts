import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../../../scripts/services/fault.ts'
import { type SmallDiskServer, startPostgresOnSmallDisk } from '../../../../../scripts/services/small-disk.ts'
import { eventually } from '../../../testing/eventually.ts'
import { requireService } from '../../../testing/services.ts'
import type { FullDumpPhase, FullDumpProgress } from './full-dump.model.ts'
import { sidecarKey } from './layout.ts'
import { BULK, CONTENT, children, type FullDumpBench, never, openBench, toolFolders } from './testing.ts'

const FORMATS = ['custom', 'sql.gz'] as const
const job = { signal: never }
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  )

/** Nothing remains: no process, no folder, no database. */
async function expectNothingLeft(bench: FullDumpBench, databases: readonly string[]): Promise<void> {
  expect(await children()).toEqual([])
  expect(await toolFolders()).toEqual([])
  const own = new RegExp(`^(tenantry_restore_|${bench.database.settings.database}_)`)
  const left = await eventually(async () => {
    const found = (await bench.databases()).filter(name => own.test(name) && !databases.includes(name))
    return found.length === 0 ? found : undefined
  }).catch(() => bench.databases())
  expect(left).toEqual([])
}

const runningTool = (name: string) =>
  eventually(async () => (await children()).find(child => child.command.includes(name)))

describe.each(FORMATS)('a dump as %s that breaks off leaves nothing', format => {
  let bench: FullDumpBench
  beforeAll(async () => {
    bench = await openBench()
    await bench.database.client.query(BULK)
  })
  afterAll(() => bench[Symbol.asyncDispose]())
  beforeEach(() => {
    bench.target.store.beforePut = () => undefined
    bench.target.store.atFirstBytes = () => undefined
  })
  const create = (signal: AbortSignal = never) => bench.service.create(bench.target, { format }, { signal })
  const expectNothing = async () => {
    expect(await bench.keys()).toEqual([])
    await expectNothingLeft(bench, [])
  }

  test('when pg_dump is killed, and says so', async () => {
    bench.target.store.atFirstBytes = async () => {
      process.kill((await runningTool('pg_dump')).pid, 'SIGKILL')
    }
    expect(await failureOf(create())).toMatchObject({
      code: 'INTERNAL',
      message: 'pg_dump ended by the signal SIGKILL.',
      retryable: true,
      details: { signal: 'SIGKILL' },
    })
    await expectNothing()
  })

  test('when the server ends its session', async () => {
    bench.target.store.atFirstBytes = async () => {
      await bench.database.client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'tenantry full dump'`,
      )
    }
    expect(await failureOf(create())).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'lost' } })
    await expectNothing()
  })

  test('when its record cannot be written', async () => {
    bench.target.store.beforePut = key => {
      if (key.endsWith('.json')) throw new Error('the store says no')
    }
    expect(await failureOf(create())).toMatchObject({ message: 'the store says no' })
    await expectNothing()
  })

  test('when it is cancelled before it begins', async () => {
    expect(await failureOf(create(AbortSignal.abort()))).toMatchObject({ code: 'CANCELLED' })
    await expectNothing()
  })

  test('when it is cancelled as it begins', async () => {
    const controller = new AbortController()
    const running = failureOf(create(controller.signal))
    await eventually(async () => (await toolFolders())[0])
    controller.abort()
    expect(await running).toMatchObject({ code: 'CANCELLED' })
    await expectNothing()
  })

  test('when it is cancelled in the middle', async () => {
    const controller = new AbortController()
    bench.target.store.atFirstBytes = () => controller.abort()
    expect(await failureOf(create(controller.signal))).toMatchObject({ code: 'CANCELLED' })
    await expectNothing()
  })

  test('when it is cancelled while the store takes nothing', async () => {
    const controller = new AbortController()
    bench.target.store.atFirstBytes = () => {
      setImmediate(() => controller.abort())
      return new Promise(resolve => controller.signal.addEventListener('abort', () => resolve()))
    }
    expect(await failureOf(create(controller.signal))).toMatchObject({ code: 'CANCELLED' })
    await expectNothing()
  })

  test.each(['before', 'after'])('when it is cancelled right %s its record is written', async moment => {
    const controller = new AbortController()
    const store = bench.target.store
    store.beforePut = key => {
      if (!key.endsWith('.json')) return
      if (moment === 'before') controller.abort()
      else queueMicrotask(() => setImmediate(() => controller.abort()))
    }
    const outcome = await create(controller.signal).catch((error: unknown) => error)
    // Written in time it stands, whole; otherwise nothing does.
    if (moment === 'after' && !(outcome instanceof Error)) {
      const { key } = outcome as { key: string }
      await bench.service.verify(bench.target, key, job)
      await bench.service.remove(store, key, never)
    } else expect(outcome).toMatchObject({ code: 'CANCELLED' })
    await expectNothing()
  })

  test('and shows its password to nobody while it runs', async () => {
    const { password } = bench.database
    let seen: { all: string; environment: string } | undefined
    bench.target.store.atFirstBytes = async () => {
      const { pid } = await runningTool('pg_dump')
      const all = JSON.stringify(await children())
      seen = { all, environment: await readFile(`/proc/${pid}/environ`, 'utf8') }
      process.kill(pid, 'SIGKILL')
    }
    const error = await failureOf(create())
    expect(seen?.all).toContain('pg_dump')
    expect(seen?.all).not.toContain(password)
    // The only way in; other users of the machine cannot read it.
    expect(seen?.environment).toContain(`PGPASSWORD=${password}`)
    expect(seen?.environment).not.toMatch(/TENANTRY_|(^|\0)PATH=/)
    expect(JSON.stringify(error) + (error instanceof Error ? error.stack : '')).not.toContain(password)
  })
})

describe('a store that fails while it takes a dump', () => {
  let proxy: FaultProxy
  let bench: FullDumpBench
  beforeAll(async () => {
    const endpoint = new URL(requireService('TENANTRY_TEST_S3_ENDPOINT'))
    proxy = await startFaultProxy({ host: endpoint.hostname, port: Number(endpoint.port) })
    bench = await openBench({ store: 's3', s3Endpoint: `http://127.0.0.1:${proxy.port}` })
    await bench.database.client.query(BULK)
  })
  afterAll(async () => {
    await proxy.resume()
    await bench[Symbol.asyncDispose]()
    proxy.close()
  })

  test('leaves no dump that counts, and no process', { timeout: 120_000 }, async () => {
    bench.target.store.atFirstBytes = () => {
      proxy.refuse()
      proxy.cut()
    }
    const error = await failureOf(bench.service.create(bench.target, { format: 'custom' }, job))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', hint: expect.stringContaining('counts as unfinished') })
    await proxy.resume()
    expect(await bench.service.list(bench.target.store, never)).toEqual([])
    await expectNothingLeft(bench, [])
  })

  test('can be given up on while it is silent', { timeout: 60_000 }, async () => {
    const controller = new AbortController()
    bench.target.store.atFirstBytes = () => {
      proxy.stall()
      setImmediate(() => controller.abort())
    }
    const began = performance.now()
    const running = failureOf(bench.service.create(bench.target, { format: 'custom' }, { signal: controller.signal }))
    await once(controller.signal, 'abort')
    await proxy.resume()
    expect(await running).toMatchObject({ code: 'CANCELLED' })
    expect(performance.now() - began).toBeLessThan(40_000)
    expect(await bench.keys()).toEqual([])
    await expectNothingLeft(bench, [])
  })
})

describe.each(FORMATS)('a restore from %s that breaks off leaves no database', format => {
  let bench: FullDumpBench
  let key: string
  let before: string[]
  beforeAll(async () => {
    bench = await openBench()
    await bench.database.client.query(CONTENT + BULK)
    key = (await bench.service.create(bench.target, { format }, job)).key
    before = await bench.databases()
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  const restore = (progress: (at: FullDumpProgress) => void, signal: AbortSignal = never, jobs = 1) =>
    failureOf(bench.service.restore(bench.target, { key, database: bench.newName(), jobs }, { signal, progress }))

  const phases: FullDumpPhase[] = [
    'reading',
    'restoring',
    'verifying',
    ...(format === 'sql.gz' ? ['checking' as const] : []),
  ]
  test.each(phases)('when it is cancelled while %s', async phase => {
    for (const jobs of format === 'custom' ? [1, 2] : [1]) {
      const controller = new AbortController()
      const error = await restore(at => at.phase === phase && controller.abort(), controller.signal, jobs)
      expect(error).toMatchObject({ code: 'CANCELLED' })
      await expectNothingLeft(bench, before)
    }
  })

  test('when the tool is killed', async () => {
    const name = format === 'custom' ? 'pg_restore' : 'psql'
    let killed: Promise<void> | undefined
    const error = await restore(at => {
      if (at.phase !== 'restoring') return
      killed ??= runningTool(name).then(({ pid }) => void process.kill(pid, 'SIGKILL'))
    })
    await killed
    expect(error).toMatchObject({ code: 'INTERNAL', details: { signal: 'SIGKILL', program: name } })
    await expectNothingLeft(bench, before)
  })

  test('when the server ends its sessions', async () => {
    let ended: Promise<unknown> | undefined
    const error = await restore(at => {
      if (at.phase !== 'restoring') return
      ended ??= eventually(async () => {
        const found = await bench.database.client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname like 'tenantry\\_restore\\_%' and application_name = 'tenantry full dump'`,
        )
        return found.rows[0]
      })
    })
    await ended
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'lost' } })
    await expectNothingLeft(bench, before)
  })

  const damages: [string, (object: Buffer, record: Record<string, unknown>) => [Buffer | null, unknown]][] = [
    ['a flipped byte at the beginning', object => [flipped(object, 20), undefined]],
    ['a flipped byte in the middle', object => [flipped(object, object.length >> 1), undefined]],
    ['a flipped byte at the end', object => [flipped(object, object.length - 1), undefined]],
    ['a cut end', object => [object.subarray(0, -1), undefined]],
    ['more behind its end', object => [Buffer.concat([object, Buffer.from('x')]), undefined]],
    ['a record of another hash', (object, record) => [object, { ...record, sha256: '0'.repeat(64) }]],
    ['a record that is no JSON', object => [object, 'x']],
    ['a record of another dump', (object, record) => [object, { ...record, key: `${String(record.key)}x` }]],
    ['a record without its hash', (object, { sha256: _, ...record }) => [object, record]],
    ['a missing object', () => [null, undefined]],
  ]
  test.each(damages)('or is not begun with %s', async (_, damage) => {
    const { store } = bench.target
    const object = await read(key)
    const record = await read(sidecarKey(key))
    const [newObject, newRecord] = damage(object, JSON.parse(record.toString()) as Record<string, unknown>)
    if (newObject === null) await store.delete([key], never)
    else await store.put(key, newObject, never)
    if (newRecord !== undefined) await store.put(sidecarKey(key), Buffer.from(JSON.stringify(newRecord)), never)
    try {
      const seen = new Set<FullDumpPhase>()
      const refusal = { code: expect.stringMatching(/^(CONFLICT|NOT_FOUND)$/) }
      expect(await restore(at => seen.add(at.phase))).toMatchObject(refusal)
      expect([...seen].filter(phase => phase !== 'reading')).toEqual([])
      expect(await failureOf(bench.service.verify(bench.target, key, job))).toMatchObject(refusal)
      await expectNothingLeft(bench, before)
    } finally {
      await store.put(key, object, never)
      await store.put(sidecarKey(key), record, never)
    }
  })

  test('when the rows are not those that were dumped', async () => {
    const record = await read(sidecarKey(key))
    const wrong = JSON.parse(record.toString()) as { tables: [string, string, number][] }
    const table = wrong.tables.find(([, name]) => name === 'people')
    if (table !== undefined) table[2]++
    await bench.target.store.put(sidecarKey(key), Buffer.from(JSON.stringify(wrong)), never)
    try {
      expect(await restore(() => undefined)).toMatchObject({
        code: 'CONFLICT',
        details: { reason: 'rows-differ', differences: [{ table: '"public"."people"', expected: 4001, found: 4000 }] },
      })
      await expectNothingLeft(bench, before)
    } finally {
      await bench.target.store.put(sidecarKey(key), record, never)
    }
  })

  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }
  const read = async (which: string): Promise<Buffer> => {
    const parts: Buffer[] = []
    for await (const part of await bench.target.store.get(which, never)) parts.push(part as Buffer)
    return Buffer.concat(parts)
  }
})

test('what a killed console leaves has a name, and can be removed', async () => {
  await using bench = await openBench()
  await bench.database.client.query(BULK)
  const { key } = await bench.service.create(bench.target, { format: 'custom' }, job)
  const input = {
    postgres: bench.target.postgres,
    path: bench.folder,
    key,
    database: bench.newName(),
    folder: requireService('TENANTRY_TEST_PG15_BIN'),
  }
  const child = spawn(process.execPath, [`${import.meta.dirname}/testing-child.ts`], {
    env: { TENANTRY_CHILD: JSON.stringify(input) },
    stdio: 'ignore',
  })
  const { postgres } = bench.target
  const sides = async () => (await bench.databases()).filter(name => name.startsWith('tenantry_restore_'))
  const exited = once(child, 'exit')
  const name = await eventually(async () => (await sides())[0], 20_000)
  expect(await bench.service.unfinishedRestores(postgres, never)).toEqual([])
  expect(await failureOf(bench.service.removeUnfinishedRestore(postgres, name, never))).toMatchObject({
    code: 'CONFLICT',
  })
  child.kill('SIGKILL')
  await exited
  const found = await eventually(async () => {
    const left = await bench.service.unfinishedRestores(postgres, never)
    return left.length > 0 ? left : undefined
  })
  expect(found).toMatchObject([{ database: name, sizeBytes: expect.any(Number) }])
  expect(await bench.databases()).not.toContain(input.database)
  await bench.service.removeUnfinishedRestore(postgres, name, never)
  expect(await sides()).toEqual([])
  // Its copy of the dump goes when the next tool is started.
  expect(await toolFolders(child.pid)).toHaveLength(1)
  await bench.service.verify(bench.target, key, job)
  expect(await toolFolders(child.pid)).toEqual([])
  const other = bench.service.removeUnfinishedRestore(postgres, bench.database.settings.database, never)
  expect(await failureOf(other)).toMatchObject({ code: 'INVALID_INPUT' })
})

describe('a server whose disk is full', () => {
  let server: SmallDiskServer
  beforeAll(async () => {
    server = await startPostgresOnSmallDisk({ megabytes: 128 })
  })
  afterAll(() => server?.stop())

  test.each(FORMATS)('keeps nothing of a restore from %s', async format => {
    await server.free()
    await using bench = await openBench({ url: server.url })
    await bench.database.client.query(BULK)
    const { key } = await bench.service.create(bench.target, { format }, job)
    await server.fill(16 * 1024 * 1024)
    const options = { key, database: bench.newName() }
    expect(await failureOf(bench.service.restore(bench.target, options, job))).toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'disk-full' },
    })
    await expectNothingLeft(bench, [])
    await server.free()
    expect(await bench.service.restore(bench.target, options, job)).toMatchObject({ rows: 60_000 })
  })
})
