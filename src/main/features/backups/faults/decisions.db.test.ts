import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../../testing/eventually.ts'
import { type Operator, type Restore, Scene, type Subject } from './scene.ts'

let scene: Scene
let other: Operator
beforeAll(async () => {
  scene = await Scene.open()
  other = await scene.operator()
})
afterAll(() => scene[Symbol.asyncDispose]())

/** A restore that stands ready, and live that changed since it was compared. */
async function changed(): Promise<{ subject: Subject; restore: Restore }> {
  const subject = await scene.subject()
  const restore = await scene.prepare(subject)
  await scene.sql(`insert into ${subject.schema}.roles (name) values ('late')`)
  subject.live = await scene.look(subject.schema)
  return { subject, restore }
}

const pendingOf = async (subject: Subject, restore: Restore, by?: Operator) => {
  const operator = by ?? scene.self
  const ask = { ...scene.ref(subject.tenant, operator), restoreId: restore.id }
  return await eventually(async () => (await operator.client.call('backups.restoreState', ask)).pending ?? undefined)
}

const decide = (subject: Subject, restore: Restore, answer: { token: string; accept: boolean }) =>
  scene.console.client.call('backups.decide', { ...scene.ref(subject.tenant), restoreId: restore.id, ...answer })

/** What becomes of a write, and after how long (ms). */
async function write({ schema }: Subject): Promise<{ code: string; took: number }> {
  const started = performance.now()
  const text = `update ${schema}.roles set description = description where name = 'late'`
  const code = await scene.sql(text).then(
    () => 'written',
    (error: { code: string }) => error.code,
  )
  return { code, took: performance.now() - started }
}

describe.each(['wait', 'refuse'] as const)('live changed since the comparison, writers %s', hold => {
  const ask = { hold, onChange: 'ask' }

  it('stop: is refused, naming the tables', async () => {
    const { subject, restore } = await changed()
    await expect(scene.restore(subject, restore, { input: { hold } })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/changed since .*: roles \(6 → 7 rows\)\. Nothing was changed\./),
      details: { reason: 'live-changed', changes: [{ table: 'roles', rowsBefore: '6', rowsNow: '7' }] },
    })
    await scene.expectUntouched(subject)
    const compared = await scene.recompare(subject, restore)
    await scene.restore(subject, compared)
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('ask: an older token is a conflict and decides nothing, the right one swaps what was shown', async () => {
    const { subject, restore } = await changed()
    const running = scene.restore(subject, restore, { input: ask })
    const pending = await pendingOf(subject, restore)
    expect(pending.changes).toEqual([{ table: 'roles', rowsBefore: '6', rowsNow: '7' }])
    expect(pending.comparison.find(({ table }) => table === 'roles')).toMatchObject({ onlyRight: '2' })
    await expect(decide(subject, restore, { token: restore.token ?? '', accept: true })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    const writing = write(subject)
    if (hold === 'refuse') expect((await writing).code).toBe('25006')
    await decide(subject, restore, { token: pending.token, accept: true })
    const report = await running
    expect(report.verification.outcome).toBe('passed')
    // Writers that waited find the restored tables: the row they wanted to change is not there any more.
    expect((await writing).code).toBe(hold === 'wait' ? 'written' : '25006')
    await scene.expectSwapped(subject)
    await expect(decide(subject, restore, { token: pending.token, accept: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await scene.removeKept(subject)
  })

  it.each(['decline', 'cancel', 'timeout'] as const)('%s: changes nothing and leaves no trace', async end => {
    const { subject, restore } = await changed()
    const abort = new AbortController()
    const input = { ...ask, limitSeconds: end === 'timeout' ? 1 : 20 }
    const failing = scene.restore(subject, restore, { input, signal: abort.signal }).catch((error: unknown) => error)
    const pending = await pendingOf(subject, restore)
    expect(await scene.status(subject)).toBe('restoring')
    const writing = write(subject)
    // One that is refused is refused before the end; one that waits is let in by it.
    if (hold === 'refuse') await writing
    if (end === 'decline') await decide(subject, restore, { token: pending.token, accept: false })
    if (end === 'cancel') abort.abort()
    expect(await failing).toMatchObject(
      end === 'timeout'
        ? {
            code: 'TIMEOUT',
            message: expect.stringContaining('nothing was changed'),
            details: { reason: 'hold-limit' },
          }
        : { code: 'CANCELLED' },
    )
    const { code, took } = await writing
    expect(code).toBe(hold === 'wait' ? 'written' : '25006')
    expect(took).toBeLessThan(1_000 + 1_000)
    await scene.expectUntouched(subject)
    const [found] = await scene.restores(subject)
    expect(found).toMatchObject({ state: 'ready', problem: null, sideSchema: restore.sideSchema })
    expect((await write(subject)).code).toBe('written')
    await scene.discard(subject, restore)
    expect(await scene.besides(subject)).toEqual([])
  })

  it('a console whose network swallows everything holds nobody off for longer than the limit', async () => {
    const { subject, restore } = await changed()
    const swallowed = scene.gate.stopAt({ request: 'ROLLBACK' })
    const input = { ...ask, limitSeconds: 1 }
    const failing = scene.restore(subject, restore, { by: other, input }).catch((error: unknown) => error)
    await pendingOf(subject, restore, other)
    const started = performance.now()
    const stopped = await swallowed
    await eventually(async () => ((await write(subject)).code === 'written' ? true : undefined))
    expect(performance.now() - started).toBeLessThan(1_000 + 1_500)
    stopped.release()
    expect(await failing).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('nothing was changed') })
    await scene.expectUntouched(subject)
    await scene.discard(subject, restore)
  })
})
