import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene, type Subject } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await Scene.open()
})
afterAll(() => scene[Symbol.asyncDispose]())

interface Drift {
  what: string
  /** With $s for the schema. */
  sql: string
}

const DRIFTS: readonly Drift[] = [
  { what: 'a column', sql: `alter table $s.roles add column colour text default 'red'` },
  { what: 'no such column', sql: 'alter table $s.departments drop column head' },
  {
    what: 'a table',
    sql: "create table $s.extras (id int primary key, note text); insert into $s.extras values (1, 'x')",
  },
  {
    what: 'an index and a trigger',
    sql: `create index extra_idx on $s.roles (description);
      create function $s.shout() returns trigger language plpgsql as $f$ begin new.name := upper(new.name); return new; end $f$;
      create trigger shout before insert or update on $s.roles for each row execute function $s.shout()`,
  },
]

const drift = async (subject: Subject, { sql }: Drift): Promise<void> => {
  await scene.sql(sql.replaceAll('$s', subject.schema))
}

async function backAndForth(subject: Subject): Promise<void> {
  const restore = await scene.prepare(subject)
  await scene.restore(subject, restore)
  await scene.expectSwapped(subject)
  await scene.undo(subject, restore)
  expect(await scene.look(subject.schema)).toEqual(subject.live)
  await scene.removeKept(subject)
}

describe.each(DRIFTS)('live has $what beside its migrations', made => {
  it('since its archive: it is named, swapped away, and comes back', async () => {
    const subject = await scene.subject()
    // Definitions that migrations give are known from now on, so the plan can tell.
    await drift(subject, made)
    subject.live = await scene.look(subject.schema)
    const plan = await scene.console.client.call('backups.plan', {
      ...scene.ref(subject.tenant),
      archive: subject.archive,
    })
    expect(plan.liveDrift).toEqual(expect.any(String))
    expect(plan.archiveDrift).toBeNull()
    await backAndForth(subject)
  })

  it('when it is archived: the archive has it too, and gives it back', async () => {
    const subject = await scene.subject()
    await drift(subject, made)
    const archived = await scene.look(subject.schema)
    const { archive, schemaSource } = await scene.backUp(subject)
    expect(schemaSource).toBe('pg_dump')
    await scene.sql(`insert into ${subject.schema}.designations (name, code, level) values ('Late', 'LATE', 9)`)
    const drifted = { ...subject, archive, archived, live: await scene.look(subject.schema) }
    const plan = await scene.console.client.call('backups.plan', { ...scene.ref(subject.tenant), archive })
    expect(plan.archiveDrift).toEqual(expect.any(String))
    await backAndForth(drifted)
  })

  it('between preparing and the swap: nothing of it is lost', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await drift(subject, made)
    subject.live = await scene.look(subject.schema)
    const outcome = await scene.restore(subject, restore).catch((error: unknown) => error)
    if (outcome instanceof Error) {
      // Rows of the changed tables differ from those that were seen.
      expect(outcome).toMatchObject({ code: 'CONFLICT', details: { reason: 'live-changed' } })
      await scene.expectUntouched(subject)
      await scene.restore(subject, await scene.recompare(subject, restore))
    }
    await scene.expectSwapped(subject)
    await scene.undo(subject, restore)
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    await scene.removeKept(subject)
  })

  it('after the swap: an undo takes it away and keeps it', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await scene.restore(subject, restore)
    await drift(subject, made)
    const drifted = await scene.look(subject.schema)
    await scene.undo(subject, restore)
    expect(await scene.look(subject.schema)).toEqual(subject.live)
    const undone = (await scene.besides(subject)).find(schema => schema.includes('__undone_'))
    expect(await scene.look(undone ?? 'none')).toEqual(drifted)
    await scene.removeKept(subject)
  })

  it('rows come back from the archive all the same, or are refused whole', async () => {
    const subject = await scene.subject()
    const restore = await scene.prepare(subject)
    await drift(subject, made)
    subject.live = await scene.look(subject.schema)
    const tables = ['roles', 'departments'].map(table => ({ table, mode: 'overwrite' as const }))
    const choice = { ...scene.ref(subject.tenant), restoreId: restore.id, tables }
    const confirmation = { typed: subject.tenant.slug }
    const { client } = scene.console
    const bring = async () => {
      const { token } = await client.call('backups.rowsPlan', choice)
      return await client.runJob('backups.restoreRows', { ...choice, token, confirmation })
    }
    const outcome = await bring().catch((error: unknown) => error)
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({
        code: expect.stringMatching(/^(CONFLICT|UNSUPPORTED)$/),
        message: expect.any(String),
      })
      await scene.expectUntouched(subject)
    } else {
      const names = await scene.sql(
        `select name from ${subject.schema}.departments where code in ('D1', 'D40') order by code`,
      )
      expect(names).toEqual([{ name: 'Department 1' }, { name: 'Department 40' }])
    }
    await scene.discard(subject, restore)
    expect(await scene.besides(subject)).toEqual([])
  })
})

it('a table that was dropped from live between plan and bringing rows back is named', async () => {
  const subject = await scene.subject()
  const restore = await scene.prepare(subject)
  const choice = {
    ...scene.ref(subject.tenant),
    restoreId: restore.id,
    tables: [{ table: 'audit_logs', mode: 'overwrite' as const }],
  }
  const { client } = scene.console
  const { token } = await client.call('backups.rowsPlan', choice)
  await scene.sql(`drop table ${subject.schema}.audit_logs`)
  subject.live = await scene.look(subject.schema)
  const confirmation = { typed: subject.tenant.slug }
  await expect(client.runJob('backups.restoreRows', { ...choice, token, confirmation })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('audit_logs'),
  })
  await scene.expectUntouched(subject)
  await scene.discard(subject, restore)
})
