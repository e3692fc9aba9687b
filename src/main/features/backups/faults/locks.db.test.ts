import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Restore, Scene, type Subject } from './scene.ts'

let scene: Scene
let app: pg.Client
beforeAll(async () => {
  scene = await Scene.open()
})
afterAll(() => scene[Symbol.asyncDispose]())

async function connectApp(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'payroll app' })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
beforeEach(async () => {
  app = await connectApp(scene.console.database.url)
})
afterEach(() => app.end())

/** The error names the application, its user and its process. */
const naming = (client: pg.Client) => ({
  code: 'TIMEOUT',
  retryable: true,
  message: expect.stringMatching(
    new RegExp(`(?=.*payroll app)(?=.*postgres)(?=.*process ${Reflect.get(client, 'processID')}\\b)`),
  ),
})

const HELD = [
  { what: 'has written', sql: (table: string) => `update ${table} set name = name` },
  { what: 'has only read', sql: (table: string) => `select 1 from ${table}` },
  { what: 'locks a table for itself', sql: (table: string) => `lock table ${table} in access exclusive mode` },
]

describe('somebody who works with the tenant', () => {
  it.each((['wait', 'refuse'] as const).flatMap(hold => HELD.map(held => ({ hold, ...held }))))(
    'and $what keeps a swap ($hold) out, and is named',
    async ({ hold, what, sql }) => {
      const subject = await scene.subject()
      const restore = await scene.prepare(subject)
      await app.query(`begin; ${sql(`${subject.schema}.roles`)}`)
      const input = { hold, lockTimeoutMs: 200 }
      await expect(scene.restore(subject, restore, { input })).rejects.toMatchObject(naming(app))
      if (what === 'has only read') {
        // Who reads keeps the triggers of a hold where they are, but they refuse nothing any more.
        await scene.sql(`update ${subject.schema}.roles set description = description`)
        await app.query('rollback')
        await scene.recompare(subject, restore)
      } else await app.query('rollback')
      await scene.expectUntouched(subject)
      await scene.restore(subject, restore, { input })
      await scene.expectSwapped(subject)
      const token = await scene.undoToken(subject, restore)
      await app.query(`begin; ${sql(`${subject.schema}.roles`)}`)
      await expect(scene.undo(subject, restore, { input, token })).rejects.toMatchObject(naming(app))
      await app.query('rollback')
      if (what === 'has only read') await scene.discard(subject, await scene.prepare(subject))
      await scene.expectSwapped(subject)
      await scene.undo(subject, restore, { input, token })
      expect(await scene.look(subject.schema)).toEqual(subject.live)
      await scene.removeKept(subject)
    },
  )

  it('is named where the plan of an undo cannot be made', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await scene.restore(subject, restore)
    await app.query(`begin; lock table ${subject.schema}.roles in access exclusive mode`)
    await expect(scene.undoToken(subject, restore)).rejects.toMatchObject(naming(app))
    await app.query('rollback')
    await scene.undo(subject, restore)
    await scene.removeKept(subject)
  })
})

interface Held {
  own: Scene
  subject: Subject
  lock: () => Promise<pg.Client>
}

/** Not `rejects`: the runner would have whatever test runs meanwhile wait for it. */
const failureOf = (work: Promise<unknown>) => work.catch((error: unknown) => error)

/** Each waits for seconds, so they wait beside the tests above, in databases of their own. */
const slow: { what: string; work: (held: Held) => Promise<void>; ended?: Promise<void> }[] = []
const later = (what: string, work: (held: Held) => Promise<void>) => slow.push({ what, work })

beforeAll(() => {
  for (const test of slow) {
    test.ended = runSlow(test.work)
    test.ended.catch(() => undefined)
  }
})

async function runSlow(work: (held: Held) => Promise<void>): Promise<void> {
  await using own = await Scene.open()
  const subject = await own.subject()
  const client = await connectApp(own.console.database.url)
  const lock = async () => {
    await client.query(`begin; lock table ${subject.schema}.roles in access exclusive mode`)
    return client
  }
  try {
    await work({ own, subject, lock })
  } finally {
    await client.end()
  }
}

later('keeps a backup out and is named; nothing is stored', async ({ own, subject, lock }) => {
  const client = await lock()
  expect(await failureOf(own.backUp(subject))).toMatchObject(naming(client))
  const list = () => own.console.client.call('backups.list', own.ref(subject.tenant))
  expect((await list()).items.map(({ archive }) => archive)).toEqual([subject.archive])
  await client.query('rollback')
  await own.backUp(subject)
  expect((await list()).total).toBe(2)
  await own.expectUntouched(subject)
})

later('keeps a comparison out and is named; the side schema is removed', async ({ own, subject, lock }) => {
  const client = await lock()
  expect(await failureOf(own.prepare(subject))).toMatchObject(naming(client))
  expect(await own.besides(subject)).toEqual([])
  expect((await own.restores(subject))[0]).toMatchObject({
    state: 'failed',
    problem: expect.stringContaining('payroll app'),
  })
  await client.query('rollback')
  await own.expectUntouched(subject)
  await own.expectRestores(subject)
})

later('keeps rows from being brought back and is named', async ({ own, subject, lock }) => {
  const restore = await own.prepare(subject)
  const tables = [{ table: 'departments', mode: 'overwrite' as const }]
  const choice = {
    ...own.ref(subject.tenant),
    restoreId: restore.id,
    tables: [{ table: 'roles', mode: 'overwrite' as const }, ...tables],
  }
  const { token } = await own.console.client.call('backups.rowsPlan', choice)
  const bring = () =>
    own.console.client.runJob('backups.restoreRows', {
      ...choice,
      token,
      confirmation: { typed: subject.tenant.slug },
    })
  const client = await lock()
  expect(await failureOf(bring())).toMatchObject(naming(client))
  await client.query('rollback')
  await own.expectUntouched(subject)
  await bring()
  const rows = await own.look(subject.schema)
  expect(rows.departments).toBe(subject.archived.departments)
  await own.discard(subject, restore)
})

later('of a side schema keeps it from being discarded and is named', async ({ own, subject, lock }) => {
  const restore: Restore = await own.prepare(subject)
  const client = await lock()
  await client.query(`rollback; begin; select 1 from ${restore.sideSchema}.roles`)
  expect(await failureOf(own.discard(subject, restore))).toMatchObject(naming(client))
  await client.query('rollback')
  expect(await own.discard(subject, restore)).toMatchObject({ state: 'discarded', sideSchema: null })
  await own.expectUntouched(subject)
})

describe('somebody who locks a table for minutes', () => {
  it.each(slow)('$what', async test => {
    expect(test.ended).toBeInstanceOf(Promise)
    await test.ended
  })
})
