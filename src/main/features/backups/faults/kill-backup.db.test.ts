import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSpares } from './child.ts'
import type { Moment } from './gate.ts'
import { Scene, type Subject } from './scene.ts'

let scene: Scene
let spares: ReturnType<typeof startSpares>
beforeAll(async () => {
  scene = await Scene.open()
  spares = startSpares(() => scene.child())
})
afterAll(() => scene[Symbol.asyncDispose]())

const list = async (subject: Subject) => {
  const found = await scene.console.client.call('backups.list', scene.ref(subject.tenant))
  return found.items.map(({ archive, state }) => ({ archive, state }))
}

interface Killed {
  when: string
  at: Moment
  left: 'nothing' | 'incomplete' | 'complete'
}

const KILLED: readonly Killed[] = [
  { when: 'before it locks the tables', at: { request: 'IN ACCESS SHARE MODE' }, left: 'nothing' },
  { when: 'while it reads tables', at: { request: '"users" TO STDOUT' }, left: 'incomplete' },
  { when: 'before the manifest', at: { request: 'to_regnamespace($1)::oid' }, left: 'incomplete' },
  { when: 'after the manifest', at: { request: 'insert into tenant_backups' }, left: 'complete' },
  {
    when: 'while its entry is committed',
    at: { answer: 'COMMIT', after: 'insert into tenant_backups' },
    left: 'complete',
  },
]

describe('a console that is killed while it backs a tenant up', () => {
  it.each(KILLED)('$when leaves $left, which can be told and removed', async ({ at, left }) => {
    const subject = await scene.subject()
    const child = await spares.next()
    const stopped = scene.gate.stopAt(at)
    child.start('backups.create', { tenantId: subject.tenant.id })
    await stopped
    await child.kill()
    scene.gate.drop()
    await scene.expectUntouched(subject)
    const found = (await list(subject)).filter(({ archive }) => archive !== subject.archive)
    expect(found.map(({ state }) => state)).toEqual(left === 'nothing' ? [] : [left])
    for (const { archive, state } of found) {
      if (state === 'complete') {
        const verified = await scene.verify(subject, { archive, depth: 'restore' })
        expect(verified).toMatchObject({ outcome: 'passed', problems: [] })
      } else {
        await expect(scene.prepare({ ...subject, archive })).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: 'There is no whole archive at this place.',
        })
        await scene.deleteArchive(subject, archive)
      }
    }
    const again = await scene.backUp(subject)
    expect((await list(subject))[0]).toEqual({ archive: again.archive, state: 'complete' })
    expect((await list(subject)).filter(({ state }) => state !== 'complete')).toEqual([])
    await scene.expectUntouched(subject)
  })

  it('shows as interrupted to the next console over its settings', async () => {
    const subject = await scene.subject()
    const child = await spares.next()
    const stopped = scene.gate.stopAt({ request: '"users" TO STDOUT' })
    child.start('backups.create', { tenantId: subject.tenant.id })
    await stopped
    await child.kill()
    scene.gate.drop()
    const next = await scene.operator({ dataDirectory: child.dataDirectory })
    const jobs = await next.client.call('jobs.list', {})
    expect(jobs.map(({ operation, state }) => ({ operation, state }))).toEqual([
      { operation: 'backups.create', state: 'interrupted' },
    ])
  })
})
