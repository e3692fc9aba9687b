import { expect, it } from 'vitest'
import { Scene } from './scene.ts'

it('the longest slugs, alike in all but their last characters, go all the way and never meet', async () => {
  await using scene = await Scene.open()
  const one = await scene.subject(`${'a'.repeat(39)}1`)
  const two = await scene.subject(`${'a'.repeat(39)}2`)
  for (const subject of [one, two, one]) {
    const restore = await scene.prepare(subject)
    await scene.restore(subject, restore)
    await scene.settled()
    expect(await scene.look(subject.schema)).toEqual(subject.archived)
    await scene.undo(subject, restore)
    expect(await scene.look(subject.schema)).toEqual(subject.live)
  }
  for (const subject of [one, two]) {
    await scene.restore(subject, await scene.prepare(subject))
    expect(await scene.look(subject.schema)).toEqual(subject.archived)
    expect(await scene.status(subject)).toBe('active')
  }
  const { client, environment } = scene.console
  const kept = await client.call('backups.kept', { environmentId: environment.id })
  expect(kept.map(({ slug }) => slug).sort()).toEqual([
    ...Array.from({ length: 3 }, () => one.tenant.slug),
    ...Array.from({ length: 2 }, () => two.tenant.slug),
  ])
  expect(Math.max(...kept.map(({ schema }) => Buffer.byteLength(schema)))).toBeLessThanOrEqual(63)
  const schemas = kept.map(({ schema }) => schema)
  const confirmation = { typed: environment.name }
  await client.runJob('backups.removeKept', { environmentId: environment.id, schemas, confirmation })
  expect(await scene.besides(one)).toEqual([])
})
