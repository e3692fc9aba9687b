import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../../../testing/eventually.ts'
import { startSpares } from './child.ts'
import type { Moment } from './gate.ts'
import { type Restore, Scene, type Subject } from './scene.ts'

let scene: Scene
let spares: ReturnType<typeof startSpares>
beforeAll(async () => {
  scene = await Scene.open()
  spares = startSpares(() => scene.child())
})
afterAll(() => scene[Symbol.asyncDispose]())

const WITNESS = 'REPEATABLE READ, READ ONLY'
const request = ({ tenant }: Subject, { id, token }: Pick<Restore, 'id' | 'token'>, hold: 'wait' | 'refuse') => ({
  tenantId: tenant.id,
  restoreId: id,
  token,
  hold,
  lockTimeoutMs: 500,
  limitSeconds: 3,
  confirmation: { typed: tenant.slug },
})

interface Killed {
  when: string
  hold: 'wait' | 'refuse'
  at: Moment
  isSwapped: boolean
}

const KILLED: readonly Killed[] = [
  { when: 'once others see it as restoring', hold: 'wait', at: { request: WITNESS }, isSwapped: false },
  {
    when: 'while writers wait',
    hold: 'wait',
    at: { request: WITNESS, after: 'in SHARE mode' },
    isSwapped: false,
  },
  { when: 'while everybody is locked out', hold: 'wait', at: { request: 'alter schema' }, isSwapped: false },
  {
    when: 'before the COMMIT of the swap',
    hold: 'refuse',
    at: { request: 'COMMIT', after: 'tenant.restore' },
    isSwapped: false,
  },
  {
    when: 'between the COMMIT of the swap and its answer',
    hold: 'wait',
    at: { answer: 'COMMIT', after: 'tenant.restore' },
    isSwapped: true,
  },
  {
    when: 'after the swap, before it was verified',
    hold: 'refuse',
    at: { request: 'set "verification" = $1', after: 'tenant.restore' },
    isSwapped: true,
  },
]

describe('a console that is killed while it swaps', () => {
  it.each(KILLED)('$when ($hold): live is whole', async ({ hold, at, isSwapped }) => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    const child = await spares.next()
    const stopped = scene.gate.stopAt(at)
    child.start('backups.restore', request(subject, restore, hold))
    await stopped
    if (!isSwapped) expect(await scene.status(subject)).toBe('restoring')
    await child.kill()
    scene.gate.drop()
    await scene.settled()
    const [found] = await scene.restores(subject)
    if (isSwapped) {
      await scene.expectSwapped(subject)
      // Nobody has verified what is live: nothing may say so.
      expect(found).toMatchObject({ state: 'done', verification: null, keptUntil: expect.any(String) })
      await scene.undo(subject, restore)
      expect(await scene.look(subject.schema)).toEqual(subject.live)
    } else {
      expect(found).toMatchObject({ state: 'ready', problem: expect.stringContaining('nothing was changed') })
      expect(found?.sideSchema).toBe(restore.sideSchema)
      if (hold === 'wait') await scene.expectUntouched(subject)
      // The next swap takes a hold away that the dead console left.
      await scene.restore(subject, restore)
      await scene.expectSwapped(subject)
    }
    await scene.removeKept(subject)
  })

  it('while it refuses writes: they are refused no longer than its limit, and discarding leaves no trace', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    const child = await spares.next()
    const stopped = scene.gate.stopAt({ request: WITNESS, after: 'tenantry_hold"() returns' })
    child.start('backups.restore', request(subject, restore, 'refuse'))
    await stopped
    const started = performance.now()
    await child.kill()
    scene.gate.drop()
    await scene.settled()
    const write = () => scene.sql(`update ${subject.schema}.roles set description = description`)
    await expect(write()).rejects.toMatchObject({ code: '25006', message: expect.stringContaining('being restored') })
    await eventually(() =>
      write().then(
        () => true,
        () => undefined,
      ),
    )
    expect(performance.now() - started).toBeLessThan(3_000 + 1_000)
    expect(await scene.discard(subject, restore)).toMatchObject({ state: 'discarded', sideSchema: null })
    await scene.expectUntouched(subject)
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectRestores(subject)
  })

  it('while it waits for a decision: writers go on at once, and nothing was changed', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await scene.sql(`insert into ${subject.schema}.roles (name) values ('late')`)
    subject.live = await scene.look(subject.schema)
    const child = await spares.next()
    child.start('backups.restore', { ...request(subject, restore, 'wait'), onChange: 'ask' })
    await child.atStep('Wait for the decision on what changed')
    const writing = scene.sql(`update ${subject.schema}.roles set description = description`)
    await child.kill()
    await writing
    await scene.expectUntouched(subject)
    await scene.discard(subject, restore)
    await scene.expectRestores(subject)
  })

  it.each([
    { when: 'before its COMMIT', at: { request: 'COMMIT', after: 'tenant.undoRestore' }, isUndone: false },
    { when: 'before the answer', at: { answer: 'COMMIT', after: 'tenant.undoRestore' }, isUndone: true },
  ])('while it undoes a restore, $when: live is one of the two', async ({ at, isUndone }) => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await scene.restore(subject, restore)
    const token = await scene.undoToken(subject, restore)
    const child = await spares.next()
    const stopped = scene.gate.stopAt(at)
    child.start('backups.undo', request(subject, { id: restore.id, token }, 'wait'))
    await stopped
    await child.kill()
    scene.gate.drop()
    await scene.settled()
    expect(await scene.status(subject)).toBe('active')
    const [found] = await scene.restores(subject)
    expect(found?.state).toBe(isUndone ? 'undone' : 'done')
    if (!isUndone) {
      await scene.expectSwapped(subject)
      await scene.undo(subject, restore)
    }
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    await scene.removeKept(subject)
  })
})
