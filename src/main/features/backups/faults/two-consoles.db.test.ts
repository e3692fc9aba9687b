import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../../testing/eventually.ts'
import { type Operator, type Restore, Scene, type Subject } from './scene.ts'

let scene: Scene
/** Works through the gate, where it is stopped; the scene's own console comes in between. */
let ravi: Operator
beforeAll(async () => {
  scene = await Scene.open()
  ravi = await scene.operator()
})
afterEach(() => scene.gate.open())
afterAll(() => scene[Symbol.asyncDispose]())

const BUSY = { code: 'CONFLICT', hint: expect.any(String) }
const SWAPPING = { request: 'alter schema' }
const suspend = ({ tenant }: Subject) =>
  scene.console.client.call('tenants.suspend', { ...scene.ref(tenant), reason: 'Unpaid' })
const remove = ({ tenant }: Subject, by: Operator = scene.self) =>
  by.client.runJob('tenants.delete', {
    ...scene.ref(tenant, by),
    withoutBackup: true,
    confirmation: { typed: tenant.slug },
  })

async function prepared(): Promise<{ subject: Subject; restore: Restore }> {
  const subject = await scene.subject()
  return { subject, restore: await scene.prepare(subject) }
}

/** Somebody waits for a lock in the database. */
const somebodyWaits = () =>
  eventually(async () => ((await scene.sql('select 1 from pg_locks where not granted')).length > 0 ? true : undefined))

describe('two consoles at work on one tenant', () => {
  it('prepare and prepare: the second is refused and told who, afterwards both stand side by side', async () => {
    const subject = await scene.subject()
    const stopped = scene.gate.stopAt({ request: 'from stdin with (freeze)' })
    const first = scene.prepare(subject, { by: ravi })
    const { release } = await stopped
    await expect(scene.prepare(subject)).rejects.toMatchObject({
      ...BUSY,
      message: expect.stringContaining('ravi'),
      details: { reason: 'restore-running' },
    })
    release()
    const restores = [await first, await scene.prepare(subject)]
    expect(await scene.besides(subject)).toHaveLength(2)
    for (const restore of restores) await scene.discard(subject, restore)
    await scene.expectUntouched(subject)
  })

  it('restore and restore of the same: one wins', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt(SWAPPING)
    const first = scene.restore(subject, restore, { by: ravi })
    const { release } = await stopped
    await expect(scene.restore(subject, restore)).rejects.toMatchObject(BUSY)
    release()
    await first
    await scene.expectSwapped(subject)
    await expect(scene.restore(subject, restore)).rejects.toMatchObject({ code: 'CONFLICT' })
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('restore and restore, nobody stopped: one wins, the other is told', async () => {
    const { subject, restore } = await prepared()
    const both = await Promise.allSettled([
      scene.restore(subject, restore, { by: ravi }),
      scene.restore(subject, restore),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } })
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('two prepared restores: the second swap is refused because of the first', async () => {
    const { subject, restore } = await prepared()
    const second = await scene.prepare(subject)
    await scene.restore(subject, restore, { by: ravi })
    await expect(scene.restore(subject, second)).rejects.toMatchObject({ details: { reason: 'live-changed' } })
    await scene.expectSwapped(subject)
    await scene.restore(subject, await scene.recompare(subject, second))
    expect(await scene.look(subject.schema)).toEqual(subject.archived)
    await scene.removeKept(subject)
  })

  it('restore and discard: what swaps is not discarded', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt(SWAPPING)
    const first = scene.restore(subject, restore, { by: ravi })
    const { release } = await stopped
    await expect(scene.discard(subject, restore)).rejects.toMatchObject({ code: 'CONFLICT' })
    release()
    await first
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('discard and restore: what is discarded is not swapped', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt({ request: 'drop schema if exists' })
    const input = { ...scene.ref(subject.tenant, ravi), restoreId: restore.id }
    const first = ravi.client.runJob('backups.discard', input)
    const { release } = await stopped
    const second = scene.restore(subject, restore).catch((error: unknown) => error)
    await somebodyWaits()
    release()
    expect(await first).toMatchObject({ state: 'discarded' })
    expect(await second).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('discarded') })
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectUntouched(subject)
  })

  it('undo and restore: one at a time', async () => {
    const { subject, restore } = await prepared()
    await scene.restore(subject, restore)
    const next = await scene.prepare(subject)
    const stopped = scene.gate.stopAt(SWAPPING)
    const undoing = scene.undo(subject, restore, { by: ravi })
    const { release } = await stopped
    await expect(scene.restore(subject, next)).rejects.toMatchObject(BUSY)
    release()
    await undoing
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    await expect(scene.restore(subject, next)).rejects.toMatchObject({ details: { reason: 'live-changed' } })
    await scene.discard(subject, next)
    await scene.expectUntouched(subject)
    await scene.removeKept(subject)
  })

  it('restore and deletion of the tenant: it is not deleted while it is swapped', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt(SWAPPING)
    const first = scene.restore(subject, restore, { by: ravi })
    const { release } = await stopped
    await expect(remove(subject)).rejects.toMatchObject(BUSY)
    release()
    await first
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('deletion and restore: a tenant that is being deleted is not swapped; what is beside it can be removed', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt({ request: 'drop schema' })
    const first = remove(subject, ravi)
    const { release } = await stopped
    await expect(scene.restore(subject, restore)).rejects.toMatchObject(BUSY)
    release()
    await first
    await expect(scene.restore(subject, restore)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await scene.look(subject.schema)).toEqual({ definitions: '' })
    await scene.removeKept(subject)
  })

  it('preparing and deletion of the tenant: what is left can be removed', async () => {
    const subject = await scene.subject()
    const stopped = scene.gate.stopAt({ request: `set_config('work_mem'` })
    const first = scene.prepare(subject, { by: ravi }).catch((error: unknown) => error)
    const { release } = await stopped
    const deleted = remove(subject).then(
      () => true,
      (error: unknown) => error,
    )
    release()
    const failure = await first
    const outcome = await deleted
    // PostgreSQL may have chosen between the two: whoever reads tables one after the other, and whoever drops them so.
    if (outcome !== true) {
      expect(outcome).toMatchObject({ code: 'CONFLICT', retryable: true })
      await scene.expectUntouched(subject)
      await remove(subject)
    } else if (failure instanceof Error) {
      expect(failure).toMatchObject({ code: expect.stringMatching(/NOT_FOUND|CONFLICT/) })
    }
    await scene.settled()
    await scene.removeKept(subject)
    expect(await scene.look(subject.schema)).toEqual({ definitions: '' })
  })

  it('restore and suspension: the status before comes back, then it can be changed', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt(SWAPPING)
    const first = scene.restore(subject, restore, { by: ravi })
    const { release } = await stopped
    await expect(suspend(subject)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('restoring'),
    })
    release()
    await first
    await scene.expectSwapped(subject)
    await suspend(subject)
    await scene.undo(subject, restore)
    expect(await scene.status(subject)).toBe('suspended')
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    await scene.removeKept(subject)
  })

  it('backup and restore: the swap waits no longer than its timeout, the archive is whole', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt({ request: '"users" TO STDOUT' })
    const backing = scene.backUp(subject, { by: ravi })
    const { release } = await stopped
    await expect(scene.restore(subject, restore)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('tenantry'),
    })
    release()
    const { archive } = await backing
    await scene.expectUntouched(subject)
    expect(await scene.verify(subject, { archive })).toMatchObject({ outcome: 'passed' })
    await scene.restore(subject, restore)
    await scene.expectSwapped(subject)
    await scene.removeKept(subject)
  })

  it('restore and backup: the archive holds one of the two, never a mixture', async () => {
    const { subject, restore } = await prepared()
    const stopped = scene.gate.stopAt(SWAPPING)
    const swapping = scene.restore(subject, restore, { by: ravi })
    const { release } = await stopped
    const backing = scene.backUp(subject).catch((error: unknown) => error)
    await somebodyWaits()
    release()
    await swapping
    const report = await backing
    await scene.expectSwapped(subject)
    if (report instanceof Error) expect(report).toMatchObject({ code: 'TENANT_UNAVAILABLE' })
    const { archive } = await scene.backUp(subject)
    const again = await scene.prepare({ ...subject, archive })
    expect(again.comparison?.every(({ state }) => state === 'equal')).toBe(true)
    if (!(report instanceof Error)) {
      const taken = Reflect.get(Object(report), 'archive')
      const first = await scene.prepare({ ...subject, archive: String(taken) })
      expect(await scene.look(first.sideSchema ?? '')).toEqual(subject.archived)
    }
    for (const { id, state } of await scene.restores(subject)) {
      if (state === 'ready') await scene.discard(subject, { id })
    }
    await scene.removeKept(subject)
  })
})
