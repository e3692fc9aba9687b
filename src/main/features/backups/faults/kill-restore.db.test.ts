import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSpares } from './child.ts'
import type { Moment } from './gate.ts'
import { Scene } from './scene.ts'

let scene: Scene
let spares: ReturnType<typeof startSpares>
beforeAll(async () => {
  scene = await Scene.open()
  spares = startSpares(() => scene.child())
})
afterAll(() => scene[Symbol.asyncDispose]())

/** More than 4 MB: its indexes are built after loading. */
const LARGE = `insert into audit_logs (action, entity_type, changes)
  select 'insert', 'noise', jsonb_build_object('text', repeat(md5(n::text), 30)) from generate_series(1, 4500) n`

interface Killed {
  when: string
  at: Moment
  /** What is beside live afterwards. */
  left: 'no restore' | 'a failed restore' | 'a failed restore and its schema' | 'a ready restore'
  isLarge?: true
}

const KILLED: readonly Killed[] = [
  { when: 'before it is entered', at: { request: 'insert into "tenant_restores"' }, left: 'no restore' },
  { when: 'while the side schema is made', at: { request: 'create table audit_logs' }, left: 'a failed restore' },
  {
    when: 'while rows are loaded',
    at: { request: 'from stdin with (freeze)', after: 'from stdin with (freeze)' },
    left: 'a failed restore and its schema',
  },
  {
    when: 'while indexes are built',
    at: { request: 'CREATE INDEX' },
    left: 'a failed restore and its schema',
    isLarge: true,
  },
  { when: 'while rows are read back', at: { request: 'to stdout' }, left: 'a failed restore and its schema' },
  { when: 'while it compares', at: { request: `set_config('work_mem'` }, left: 'a failed restore and its schema' },
  { when: 'before it is ready', at: { request: 'restore.prepare' }, left: 'a failed restore and its schema' },
  {
    when: 'when it is ready, before it knows',
    at: { answer: 'COMMIT', after: 'restore.prepare' },
    left: 'a ready restore',
  },
]

describe('a console that is killed while it restores beside live', () => {
  it.each(KILLED)('$when leaves $left', async ({ at, left, isLarge }) => {
    const subject = await scene.subject(undefined, isLarge ? LARGE : '')
    const child = await spares.next()
    const stopped = scene.gate.stopAt(at)
    child.start('backups.prepare', { tenantId: subject.tenant.id, archive: subject.archive })
    await stopped
    await child.kill()
    scene.gate.drop()
    await scene.expectUntouched(subject)
    const [restore] = await scene.restores(subject)
    const sides = await scene.besides(subject)
    expect(sides).toHaveLength(left.endsWith('schema') || left === 'a ready restore' ? 1 : 0)
    if (left === 'no restore') expect(restore).toBeUndefined()
    else {
      expect(restore).toMatchObject({
        state: left === 'a ready restore' ? 'ready' : 'failed',
        sideSchema: sides[0] ?? null,
        problem: left === 'a ready restore' ? null : expect.stringContaining('is gone'),
      })
      const kept = await scene.console.client.call('backups.kept', { environmentId: scene.console.environment.id })
      const isInUse = left === 'a ready restore'
      expect(kept).toMatchObject(sides.map(schema => ({ schema, restoreId: restore?.id, kind: 'side', isInUse })))
      await scene.discard(subject, { id: restore?.id ?? '' })
    }
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectRestores(subject)
  })
})
