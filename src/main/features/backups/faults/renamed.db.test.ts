import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, Scene, type Subject } from './scene.ts'

let scene: Scene
let ravi: Operator
beforeAll(async () => {
  scene = await Scene.open()
  ravi = await scene.operator()
})
afterEach(() => scene.gate.open())
afterAll(() => scene[Symbol.asyncDispose]())

/** What somebody does to the registry and to the server while a restore is on its way; and how it is taken back. */
interface Change {
  what: string
  make: (subject: Subject) => string
  back: (subject: Subject) => string
}

const CHANGES: readonly Change[] = [
  {
    what: 'gets another slug',
    make: ({ tenant }) => `update tenants set slug = slug || '-new' where id = '${tenant.id}'`,
    back: ({ tenant }) => `update tenants set slug = '${tenant.slug}' where id = '${tenant.id}'`,
  },
  {
    what: 'gets another schema',
    make: ({ tenant, schema }) => `alter schema ${schema} rename to ${schema}_new;
      update tenants set database_schema = '${schema}_new' where id = '${tenant.id}'`,
    back: ({ tenant, schema }) => `alter schema ${schema}_new rename to ${schema};
      update tenants set database_schema = '${schema}' where id = '${tenant.id}'`,
  },
  {
    what: 'loses its schema',
    make: ({ schema }) => `alter schema ${schema} rename to ${schema}_gone`,
    back: ({ schema }) => `alter schema ${schema}_gone rename to ${schema}`,
  },
]

const CODED = { code: expect.stringMatching(/^(CONFLICT|NOT_FOUND|TENANT_UNAVAILABLE)$/), message: expect.any(String) }
const typed = ({ tenant }: Subject, change: Change) =>
  change.what === 'gets another slug' ? `${tenant.slug}-new` : tenant.slug

async function stillWorks(subject: Subject, change: Change): Promise<void> {
  await scene.sql(change.back(subject))
  await scene.expectUntouched(subject)
  for (const { id, state } of await scene.restores(subject)) {
    if (state !== 'discarded') await scene.discard(subject, { id })
  }
  expect(await scene.besides(subject)).toEqual([])
  await scene.expectRestores(subject)
}

describe.each(CHANGES)('a tenant that $what', change => {
  it('while it is backed up', async () => {
    const subject = await scene.subject()
    const stopped = scene.gate.stopAt({ request: 'to_regnamespace($1)::oid' })
    const backing = scene.backUp(subject, { by: ravi }).catch((error: unknown) => error)
    const { release } = await stopped
    // The backup's own locks keep nobody from renaming the schema.
    await scene.sql(change.make(subject))
    release()
    const report = await backing
    if (change.what === 'gets another slug') expect(report).toMatchObject({ archive: expect.any(String) })
    else {
      expect(report).toMatchObject({ code: 'TENANT_UNAVAILABLE', details: { reason: 'schema-gone' } })
      await scene.sql(change.back(subject))
      const found = await scene.console.client.call('backups.list', scene.ref(subject.tenant))
      expect(found.items.map(({ archive }) => archive)).toEqual([subject.archive])
      await scene.sql(change.make(subject))
    }
    await stillWorks(subject, change)
  })

  it('between looking at the plan and preparing', async () => {
    const subject = await scene.subject()
    const { archive } = subject
    await scene.console.client.call('backups.plan', { ...scene.ref(subject.tenant), archive })
    await scene.sql(change.make(subject))
    const outcome = await scene.prepare(subject).catch((error: unknown) => error)
    // The slug is only a name: what is restored is the tenant.
    if (change.what === 'gets another slug') expect(outcome).toMatchObject({ state: 'ready' })
    else expect(outcome).toMatchObject(CODED)
    await stillWorks(subject, change)
  })

  it('while it is prepared', async () => {
    const subject = await scene.subject()
    const stopped = scene.gate.stopAt({ request: 'to stdout' })
    const preparing = scene.prepare(subject, { by: ravi }).catch((error: unknown) => error)
    const { release } = await stopped
    await scene.sql(change.make(subject))
    release()
    expect(await preparing).toMatchObject({ code: 'CONFLICT', details: { reason: 'tenant-changed' } })
    expect((await scene.besides(subject)).filter(schema => schema.includes('__restore_'))).toEqual([])
    await stillWorks(subject, change)
  })

  it('between preparing and the swap', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await scene.sql(change.make(subject))
    const confirmation = { typed: typed(subject, change) }
    for (const onChange of ['stop', 'ask']) {
      await expect(scene.restore(subject, restore, { input: { confirmation, onChange } })).rejects.toMatchObject(CODED)
    }
    await stillWorks(subject, change)
  })

  it.each(['wait', 'refuse'] as const)('while writers %s', async hold => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    const moment = hold === 'wait' ? 'in SHARE mode' : 'tenantry_hold"() returns'
    const stopped = scene.gate.stopAt({ request: 'REPEATABLE READ, READ ONLY', after: moment })
    const swapping = scene.restore(subject, restore, { by: ravi, input: { hold } }).catch((error: unknown) => error)
    const { release } = await stopped
    await scene.sql(change.make(subject))
    release()
    expect(await swapping).toMatchObject(CODED)
    await scene.sql(change.back(subject))
    await scene.recompare(subject, restore)
    await scene.sql(change.make(subject))
    await stillWorks(subject, change)
  })
})
