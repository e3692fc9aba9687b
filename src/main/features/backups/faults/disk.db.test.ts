import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type SmallDiskServer, startPostgresOnSmallDisk } from '../../../../../scripts/services/small-disk.ts'
import { eventually } from '../../../testing/eventually.ts'
import { type Operator, Scene, type Subject } from './scene.ts'

const FULL = { code: 'CONNECTION_FAILED', details: { sqlState: '53100' }, hint: expect.any(String) }
const KIBIBYTE = 1024

/** 9 MB of rows, 1 MB when compressed: loading needs space, and so do its indexes. */
const LARGE = `insert into audit_logs (action, entity_type, changes)
  select md5(n::text) || repeat('x', 500), md5((n * 7)::text) || repeat('y', 500), '{}' from generate_series(1, 7000) n`

describe('the disk of the server is full', () => {
  let server: SmallDiskServer
  let scene: Scene
  let ravi: Operator
  let subject: Subject
  beforeAll(async () => {
    server = await startPostgresOnSmallDisk({ megabytes: 128 })
    scene = await Scene.open({ url: server.url })
    ravi = await scene.operator()
    subject = await scene.subject(undefined, LARGE)
  })
  afterEach(async () => {
    scene.gate.open()
    await server.free()
  })
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]()
    await server?.stop()
  })

  it.each([
    { when: 'when the side schema is made', at: { request: 'create table audit_logs' }, leave: 64 * KIBIBYTE },
    { when: 'while rows are loaded', at: { request: 'from stdin with (freeze)' }, leave: 2_000 * KIBIBYTE },
    { when: 'while indexes are built', at: { request: 'CREATE INDEX' }, leave: 200 * KIBIBYTE },
  ])('$when: it is told, nothing is left, and it goes through with space', async ({ at, leave }) => {
    const stopped = scene.gate.stopAt(at)
    const preparing = scene.prepare(subject, { by: ravi }).catch((error: unknown) => error)
    const { release } = await stopped
    // The server itself takes some of it meanwhile.
    await eventually(() =>
      server.fill(leave).then(
        () => true,
        () => undefined,
      ),
    )
    release()
    expect(await preparing).toMatchObject(FULL)
    await server.free()
    const [found] = await scene.restores(subject)
    expect(found).toMatchObject({ state: 'failed', problem: expect.any(String) })
    if (found?.sideSchema !== null) await scene.discard(subject, { id: found?.id ?? '' })
    expect(await scene.besides(subject)).toEqual([])
    await scene.expectUntouched(subject)
    const restore = await scene.prepare(subject)
    await scene.discard(subject, restore)
  })

  it('a backup needs none of it, and a prepared restore can be swapped and undone with what little is left', async () => {
    const restore = await scene.prepare(subject)
    await server.fill(3_000 * KIBIBYTE)
    await scene.backUp(subject)
    const outcome = await scene.restore(subject, restore).catch((error: unknown) => error)
    await server.free()
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject(FULL)
      await scene.recompare(subject, restore)
      await scene.expectUntouched(subject)
      await scene.restore(subject, restore)
    }
    await scene.expectSwapped(subject)
    await scene.undo(subject, restore)
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    await scene.removeKept(subject)
  })
})
