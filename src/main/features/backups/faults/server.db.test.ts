import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Moment } from './gate.ts'
import { type PrivateServer, startPrivateServer } from './private-server.ts'
import { type Operator, type Restore, Scene, type Subject } from './scene.ts'

const LOST = { code: 'CONNECTION_FAILED', retryable: true, hint: expect.any(String) }
const INDEX = { request: 'maintenance_work_mem' }
const LOAD = { request: 'from stdin with (freeze)', after: 'from stdin with (freeze)' }

interface Cut {
  when: string
  at: Moment
}

const PREPARING: readonly Cut[] = [
  { when: 'while the side schema is made', at: { request: 'create table audit_logs' } },
  { when: 'while rows are loaded', at: LOAD },
  { when: 'while constraints are built', at: INDEX },
  { when: 'while rows are read back', at: { request: 'to stdout' } },
  { when: 'while it compares', at: { request: `set_config('work_mem'` } },
]

const SWAPPING: readonly (Cut & { isSwapped: boolean; hold: 'wait' | 'refuse' })[] = [
  {
    when: 'while writers wait',
    hold: 'wait',
    at: { request: 'REPEATABLE READ, READ ONLY', after: 'in SHARE mode' },
    isSwapped: false,
  },
  { when: 'before its COMMIT', hold: 'refuse', at: { request: 'COMMIT', after: 'tenant.restore' }, isSwapped: false },
  {
    when: 'before the answer of its COMMIT',
    hold: 'wait',
    at: { answer: 'COMMIT', after: 'tenant.restore' },
    isSwapped: true,
  },
  {
    when: 'before it is verified',
    hold: 'refuse',
    at: { request: 'set "verification" = $1', after: 'tenant.restore' },
    isSwapped: true,
  },
]

describe('every session of the console is ended by the server', () => {
  let scene: Scene
  let ravi: Operator
  beforeAll(async () => {
    scene = await Scene.open()
    ravi = await scene.operator()
  })
  afterEach(() => scene.gate.open())
  afterAll(() => scene[Symbol.asyncDispose]())

  /** Sessions that come through the gate are those that began after the scene's own; all of the application go. */
  const terminate = () =>
    scene.sql(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'tenantry' and pid <> pg_backend_pid()`)

  it.each([
    { when: 'before it reads', at: { request: 'IN ACCESS SHARE MODE' } },
    { when: 'while it reads', at: { request: '"users" TO STDOUT' } },
    { when: 'before the manifest', at: { request: 'to_regnamespace($1)::oid' } },
  ])('a backup, $when, says so and leaves nothing', async ({ at }) => {
    const subject = await scene.subject()
    const stopped = scene.gate.stopAt(at)
    const backing = scene.backUp(subject, { by: ravi }).catch((error: unknown) => error)
    const { release } = await stopped
    await terminate()
    release()
    expect(await backing).toMatchObject(LOST)
    const found = await scene.console.client.call('backups.list', scene.ref(subject.tenant))
    expect(found.items.map(({ archive }) => archive)).toEqual([subject.archive])
    await scene.backUp(subject, { by: ravi })
    await scene.expectUntouched(subject)
  })

  it.each(PREPARING)('a restore beside live, $when, says so and leaves nothing', async ({ at }) => {
    const subject = await scene.subject()
    const stopped = scene.gate.stopAt(at)
    const preparing = scene.prepare(subject, { by: ravi }).catch((error: unknown) => error)
    const { release } = await stopped
    await terminate()
    release()
    expect(await preparing).toMatchObject(LOST)
    expect((await scene.restores(subject))[0]).toMatchObject({
      state: 'failed',
      sideSchema: null,
      problem: expect.any(String),
    })
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectUntouched(subject)
    await scene.expectRestores(subject)
  })

  it.each(SWAPPING)('a swap ($hold), $when, says what happened', async ({ at, hold, isSwapped }) => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    const stopped = scene.gate.stopAt(at)
    const swapping = scene.restore(subject, restore, { by: ravi, input: { hold } }).catch((error: unknown) => error)
    const { release } = await stopped
    await terminate()
    release()
    const outcome = await swapping
    await expectOutcome(scene, { subject, restore, outcome, isSwapped })
  })

  it.each([
    { at: { request: 'COMMIT', after: 'tenant.undoRestore' }, isUndone: false },
    { at: { answer: 'COMMIT', after: 'tenant.undoRestore' }, isUndone: true },
  ])('an undo at its COMMIT, done: $isUndone', async ({ at, isUndone }) => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await scene.restore(subject, restore)
    const token = await scene.undoToken(subject, restore)
    const stopped = scene.gate.stopAt(at)
    const undoing = scene.undo(subject, restore, { by: ravi, token }).catch((error: unknown) => error)
    const { release } = await stopped
    await terminate()
    release()
    const unverified = { details: { reason: 'swapped-unverified' } }
    expect(await undoing).toMatchObject(isUndone ? unverified : LOST)
    if (!isUndone) {
      await scene.expectSwapped(subject)
      await scene.undo(subject, restore, { token })
    }
    await scene.settled()
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    await scene.removeKept(subject)
  })

  it('bringing rows back, before its COMMIT: not a row came', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    const tables = [{ table: 'departments', mode: 'overwrite' as const }]
    const choice = { ...scene.ref(subject.tenant, ravi), restoreId: restore.id, tables }
    const { token } = await ravi.client.call('backups.rowsPlan', choice)
    const input = { ...choice, token, confirmation: { typed: subject.tenant.slug } }
    const stopped = scene.gate.stopAt({ request: 'COMMIT', after: 'tenant.restoreRows' })
    const bringing = ravi.client.runJob('backups.restoreRows', input).catch((error: unknown) => error)
    const { release } = await stopped
    await terminate()
    release()
    expect(await bringing).toMatchObject(LOST)
    await scene.expectUntouched(subject)
    await ravi.client.runJob('backups.restoreRows', input)
    expect((await scene.look(subject.schema)).departments).toBe(subject.archived.departments)
  })
})

async function expectOutcome(
  scene: Scene,
  {
    subject,
    restore,
    outcome,
    isSwapped,
  }: { subject: Subject; restore: Restore; outcome: unknown; isSwapped: boolean },
): Promise<void> {
  const [found] = await scene.restores(subject)
  if (isSwapped) {
    // The last write is tried again; where it was only its session that went, the swap may end well.
    if (outcome instanceof Error)
      expect(outcome).toMatchObject({ message: expect.stringContaining('The swap was done') })
    expect(found?.state).toBe('done')
    await scene.expectSwapped(subject)
    await scene.undo(subject, restore)
    expect(await scene.look(subject.schema)).toEqual(subject.live)
  } else {
    expect(outcome).toMatchObject(LOST)
    expect(found).toMatchObject({ state: 'ready', token: restore.token })
    await scene.recompare(subject, restore)
    await scene.expectUntouched(subject)
    await scene.restore(subject, restore)
    await scene.expectSwapped(subject)
  }
  await scene.removeKept(subject)
}

describe('the server crashes', () => {
  let server: PrivateServer
  let scene: Scene
  let ravi: Operator
  beforeAll(async () => {
    server = await startPrivateServer()
    scene = await Scene.open({ url: server.url })
    ravi = await scene.operator()
  })
  afterEach(() => scene.gate.open())
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

  /** Stops the work at the moment, crashes the server, and starts it again; what the work ended with. */
  async function crashAt(at: Moment, work: () => Promise<unknown>): Promise<unknown> {
    const stopped = scene.gate.stopAt(at)
    const ended = work().catch((error: unknown) => error)
    const { release } = await stopped
    await server.crash()
    release()
    await server.start()
    const outcome = await ended
    await scene.reconnect()
    return outcome
  }

  it('while rows are loaded: what is left is named, and live is whole', async () => {
    const subject = await scene.subject()
    const outcome = await crashAt(LOAD, () => scene.prepare(subject, { by: ravi }))
    expect(outcome).toMatchObject({ code: 'CONNECTION_FAILED' })
    const [found] = await scene.restores(subject)
    expect(found?.state).toBe('failed')
    if (found?.sideSchema !== null) await scene.discard(subject, { id: found?.id ?? '' })
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectUntouched(subject)
    await scene.expectRestores(subject)
  })

  it.each(SWAPPING.slice(1, 3))('during a swap, $when: live is one of the two', async ({ at, hold, isSwapped }) => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    const outcome = await crashAt(at, () => scene.restore(subject, restore, { by: ravi, input: { hold } }))
    expect(outcome).toBeInstanceOf(Error)
    expect(outcome).toMatchObject({ code: 'CONNECTION_FAILED' })
    if (!isSwapped) expect(outcome).not.toMatchObject({ message: expect.stringContaining('was done') })
    const [found] = await scene.restores(subject)
    expect(found?.state).toBe(isSwapped ? 'done' : 'ready')
    if (isSwapped) await scene.expectSwapped(subject)
    else {
      await scene.recompare(subject, restore)
      await scene.expectUntouched(subject)
      await scene.restore(subject, restore)
      await scene.expectSwapped(subject)
    }
    await scene.removeKept(subject)
  })
})
