import { describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { MAX_FRAME_LENGTH, type ServerFrame } from '#shared/wire.ts'
import { createTestKernel, MemoryClient, testEnvironment, testSession, testTenant } from './test-kernel.ts'

type Context = { signal: AbortSignal; emit: (event: unknown) => void }

/** A handler that waits until it is cancelled, and says when it has begun. */
function hanging() {
  const started = Promise.withResolvers<void>()
  let cancelled = 0
  const handler = (_input: never, { signal }: Context) =>
    new Promise<never>((_resolve, reject) => {
      started.resolve()
      signal.addEventListener('abort', () => {
        cancelled += 1
        reject(signal.reason)
      })
    })
  return { handler, started: started.promise, cancelled: () => cancelled }
}

const codeOf = (frame: ServerFrame) => (frame.type === 'error' ? frame.error.code : frame.type)
const list = async () => []

describe('a call', () => {
  test('is answered with the handler’s value, of which only what the contract names is kept', async () => {
    const environment = testEnvironment()
    const handlers = { 'environments.list': async () => [{ ...environment, password: 'secret' }] }
    await using backend = await createTestKernel({ handlers })
    const client = new MemoryClient(backend.kernel)
    expect(await client.call('environments.list', {}, 'a')).toEqual({ type: 'result', id: 'a', value: [environment] })
  })

  test('may leave out its input when nothing in it is required', async () => {
    await using backend = await createTestKernel({ handlers: { 'environments.list': list } })
    const client = new MemoryClient(backend.kernel)
    client.send({ type: 'call', id: 'a', op: 'environments.list' })
    expect(await client.next(frame => frame.id === 'a')).toEqual({ type: 'result', id: 'a', value: [] })
  })

  test('with wrong input is refused by field, and the handler never runs', async () => {
    let calls = 0
    const create = async () => {
      calls += 1
    }
    await using backend = await createTestKernel({ handlers: { 'tenants.create': create } })
    const client = new MemoryClient(backend.kernel)
    const frame = await client.call('tenants.create', {
      environmentId: newId(),
      name: 'A',
      slug: "'; drop",
      adminEmail: 1,
    })
    expect(frame).toMatchObject({
      type: 'error',
      error: {
        code: 'INVALID_INPUT',
        details: { fields: { slug: expect.stringContaining('lower-case'), adminEmail: expect.any(String) } },
      },
    })
    expect(calls).toBe(0)
  })

  test.each(['no.such', '', 'tenants', 'constructor.name', '__proto__.x', 'tenants.list '])(
    'of the unknown operation "%s" is NOT_FOUND',
    async op => {
      await using backend = await createTestKernel()
      expect(codeOf(await new MemoryClient(backend.kernel).call(op))).toBe('NOT_FOUND')
    },
  )

  test('fails with the handler’s own error, complete', async () => {
    const error = new AppError('CONFLICT', 'Taken.', { hint: 'Choose another.', details: { by: 'x' }, retryable: true })
    const fail = async () => {
      throw error
    }
    await using backend = await createTestKernel({ handlers: { 'environments.list': fail } })
    const frame = await new MemoryClient(backend.kernel).call('environments.list', {}, 'a')
    expect(frame).toEqual({ type: 'error', id: 'a', error: error.toData() })
  })

  test('that breaks is INTERNAL: the cause is in the log under the id, and nowhere else', async () => {
    const fail = async () => {
      throw new TypeError('Cannot read password hunter2 of undefined')
    }
    await using backend = await createTestKernel({ handlers: { 'environments.list': fail } })
    const frame = await new MemoryClient(backend.kernel).call('environments.list')
    expect(JSON.stringify(frame)).not.toContain('hunter2')
    expect(frame).toMatchObject({ error: { code: 'INTERNAL', retryable: false } })
    const id = frame.type === 'error' ? frame.error.id : undefined
    expect(backend.log.find(line => line.errorId === id)).toMatchObject({ operation: 'environments.list' })
  })

  test('whose answer breaks the contract is INTERNAL', async () => {
    const handlers = { 'environments.list': async () => [{ name: 'half an environment' }] }
    await using backend = await createTestKernel({ handlers })
    expect(codeOf(await new MemoryClient(backend.kernel).call('environments.list'))).toBe('INTERNAL')
  })
})

describe('cancelling', () => {
  test('ends a running call with CANCELLED', async () => {
    const { handler, started, cancelled } = hanging()
    await using backend = await createTestKernel({ handlers: { 'environments.list': handler } })
    const client = new MemoryClient(backend.kernel)
    const end = client.call('environments.list', {}, 'a')
    await started
    client.send({ type: 'cancel', id: 'a' })
    expect([codeOf(await end), cancelled()]).toEqual(['CANCELLED', 1])
  })

  test('before the handler runs keeps it from running', async () => {
    let calls = 0
    const handlers = {
      'environments.list': async () => {
        calls += 1
        return []
      },
    }
    await using backend = await createTestKernel({ handlers })
    const client = new MemoryClient(backend.kernel)
    const end = client.call('environments.list', {}, 'a')
    client.send({ type: 'cancel', id: 'a' })
    expect([codeOf(await end), calls]).toEqual(['CANCELLED', 0])
  })

  test('a call that is over, or never was, changes nothing', async () => {
    await using backend = await createTestKernel({ handlers: { 'environments.list': list } })
    const client = new MemoryClient(backend.kernel)
    await client.call('environments.list', {}, 'a')
    client.send({ type: 'cancel', id: 'a' })
    client.send({ type: 'cancel', id: 'never' })
    expect(await client.call('environments.list', {}, 'b')).toMatchObject({ type: 'result' })
    expect(client.frames).toHaveLength(2)
  })

  test('one call leaves the others alone', async () => {
    const { handler, started } = hanging()
    const handlers = { 'environments.list': handler, 'tenants.list': handler }
    await using backend = await createTestKernel({ handlers })
    const client = new MemoryClient(backend.kernel)
    const first = client.call('environments.list', {}, 'a')
    const second = client.call('environments.list', {}, 'b')
    await started
    client.send({ type: 'cancel', id: 'a' })
    expect(codeOf(await first)).toBe('CANCELLED')
    expect(client.frames.filter(frame => frame.id === 'b')).toEqual([])
    client.send({ type: 'cancel', id: 'b' })
    expect(codeOf(await second)).toBe('CANCELLED')
  })
})

describe('events', () => {
  test('come in order, before the end, and none after it', async () => {
    let emitLate: () => void = () => undefined
    const watch = async (_input: never, { emit }: Context) => {
      for (const done of [1, 2, 3]) emit({ ...snapshot, progress: { done, total: 3, unit: 'steps', note: null } })
      emitLate = () => emit(snapshot)
      return {}
    }
    await using backend = await createTestKernel({ handlers: { 'jobs.watch': watch } })
    const client = new MemoryClient(backend.kernel)
    await client.call('jobs.watch', {}, 'a')
    emitLate()
    expect(client.frames.map(frame => frame.type)).toEqual(['event', 'event', 'event', 'result'])
    expect(client.frames.slice(0, 3)).toMatchObject([1, 2, 3].map(done => ({ value: { progress: { done } } })))
  })

  const snapshot = {
    id: newId(),
    operation: 'tenants.create',
    title: 'Provision',
    environmentId: null,
    tenantId: null,
    who: 'asha',
    state: 'running',
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    progress: null,
    steps: [],
    log: [],
    result: null,
    error: null,
  }
})

describe('clients', () => {
  test('many at once get each their own answers, though their ids are the same', async () => {
    const environments = new Map(Array.from({ length: 20 }, (_, index) => [`asha-${index}`, testEnvironment()]))
    const handlers = {
      'environments.list': async (_input: never, { session }: { session: { user: string } }) => [
        environments.get(session.user),
      ],
    }
    await using backend = await createTestKernel({ handlers })
    const answers = [...environments].map(async ([user, environment]) => {
      const client = new MemoryClient(backend.kernel, testSession({ user }))
      const frames = await Promise.all(['1', '2', '3'].map(id => client.call('environments.list', {}, id)))
      expect(frames).toMatchObject(frames.map(() => ({ type: 'result', value: [{ id: environment.id }] })))
      expect(client.frames).toHaveLength(3)
    })
    await Promise.all(answers)
  })

  test('one that goes away has its calls cancelled, and hears and is heard no more', async () => {
    const { handler, started, cancelled } = hanging()
    await using backend = await createTestKernel({ handlers: { 'environments.list': handler } })
    const [leaving, staying] = [new MemoryClient(backend.kernel), new MemoryClient(backend.kernel)]
    void leaving.call('environments.list')
    await started
    const end = staying.call('environments.list', {}, 'a')
    leaving.close()
    leaving.send({ type: 'call', id: 'late', op: 'environments.list' })
    staying.send({ type: 'cancel', id: 'a' })
    expect(codeOf(await end)).toBe('CANCELLED')
    expect([cancelled(), leaving.frames]).toEqual([1, []])
  })

  test('an answer that cannot be sent breaks nothing', async () => {
    await using backend = await createTestKernel({ handlers: { 'environments.list': list } })
    const broken = backend.kernel.connect(testSession(), () => {
      throw new Error('The window is gone.')
    })
    broken.receive(JSON.stringify({ type: 'call', id: 'a', op: 'environments.list' }))
    const client = new MemoryClient(backend.kernel)
    expect(await client.call('environments.list')).toMatchObject({ type: 'result' })
    expect(backend.log).toMatchObject([{ call: 'a', msg: 'answer not sent' }])
  })
})

describe('frames', () => {
  test.each<[what: string, text: string, id?: string]>([
    ['no JSON', '{'],
    ['no object', '"call"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no type', '{"id":"a","op":"app.info"}', 'a'],
    ['an unknown type', '{"type":"shout","id":"a"}', 'a'],
    ['no id', '{"type":"call","op":"app.info"}'],
    ['an id that is no text', '{"type":"call","id":7,"op":"app.info"}'],
    ['an empty id', '{"type":"call","id":"","op":"app.info"}', ''],
    ['an operation that is no text', '{"type":"call","id":"a","op":{}}', 'a'],
    ['an endless name', JSON.stringify({ type: 'call', id: 'a', op: 'x'.repeat(101) }), 'a'],
    ['an endless id', JSON.stringify({ type: 'call', id: 'x'.repeat(65), op: 'app.info' }), 'x'.repeat(64)],
  ])('with %s are refused, under their id where they have one', async (_what, text, id) => {
    await using backend = await createTestKernel()
    const client = new MemoryClient(backend.kernel)
    client.send(text)
    expect(client.frames).toMatchObject([{ type: 'error', id: id ?? null, error: { code: 'INVALID_INPUT' } }])
  })

  test('that are too long are refused without being parsed; the longest allowed is taken', async () => {
    await using backend = await createTestKernel({ handlers: { 'environments.list': list } })
    const client = new MemoryClient(backend.kernel)
    const head = '{"type":"call","id":"a","op":"environments.list","input":{"pad":"'
    const fill = (length: number) => `${head}${'x'.repeat(length - head.length - 3)}"}}`
    client.send(fill(MAX_FRAME_LENGTH + 1))
    expect(client.frames).toMatchObject([{ type: 'error', id: 'a', error: { code: 'INVALID_INPUT' } }])
    client.send(fill(MAX_FRAME_LENGTH))
    expect(await client.next(frame => frame.type === 'result')).toMatchObject({ id: 'a' })
  })

  test('that use the id of a running call are refused, and the call goes on', async () => {
    const { handler, started } = hanging()
    await using backend = await createTestKernel({ handlers: { 'environments.list': handler } })
    const client = new MemoryClient(backend.kernel)
    void client.call('environments.list', {}, 'a')
    await started
    client.send({ type: 'call', id: 'a', op: 'environments.list' })
    expect(client.frames).toMatchObject([{ type: 'error', id: 'a', error: { code: 'CONFLICT' } }])
    client.send({ type: 'cancel', id: 'a' })
    await client.next(frame => frame.type === 'error' && frame.error.code === 'CANCELLED')
    expect(client.frames).toHaveLength(2)
  })

  test('beyond 256 running calls are refused, and may be tried again', async () => {
    const { handler, started } = hanging()
    await using backend = await createTestKernel({ handlers: { 'environments.list': handler } })
    const client = new MemoryClient(backend.kernel)
    for (let id = 0; id < 257; id += 1) client.send({ type: 'call', id: String(id), op: 'environments.list' })
    await started
    expect(client.frames).toMatchObject([{ type: 'error', id: '256', error: { code: 'CONFLICT', retryable: true } }])
    client.close()
  })
})

describe('what a handler gets', () => {
  const environment = testEnvironment({ class: 'production', role: 'operator' })
  const tenant = testTenant()

  test('the environment, the tenant, and the weaker of both roles', async () => {
    const seen: unknown[] = []
    const get = async (_input: never, { environment, tenant, role, session }: Record<string, unknown>) => {
      seen.push({ environment, tenant, role, session })
      throw new AppError('NOT_FOUND', 'Seen.')
    }
    const options = { handlers: { 'tenants.get': get }, environments: [environment], tenants: [tenant] }
    await using backend = await createTestKernel(options)
    const [dba, support] = [testSession(), testSession({ maximumRole: 'support' })]
    const input = { environmentId: environment.id, tenantId: tenant.id }
    await new MemoryClient(backend.kernel, dba).call('tenants.get', input)
    await new MemoryClient(backend.kernel, support).call('tenants.get', input)
    expect(seen).toEqual([
      { environment, tenant, role: 'operator', session: dba },
      { environment, tenant, role: 'support', session: support },
    ])
  })

  test('nothing when environment or tenant do not exist', async () => {
    const options = { handlers: { 'tenants.get': list }, environments: [environment], tenants: [tenant] }
    await using backend = await createTestKernel(options)
    const client = new MemoryClient(backend.kernel)
    const [other, own] = [newId(), environment.id]
    expect(codeOf(await client.call('tenants.get', { environmentId: other, tenantId: tenant.id }))).toBe('NOT_FOUND')
    expect(codeOf(await client.call('tenants.get', { environmentId: own, tenantId: other }))).toBe('NOT_FOUND')
  })
})
