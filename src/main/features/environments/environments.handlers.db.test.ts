import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { realRedis } from '../../testing/real-stores.ts'
import { createTestConsole, type TestConsole } from '../../testing/test-console.ts'

/** The whole way through the kernel: parsing, access, confirmation, audit. */
describe('environments and health through the kernel', () => {
  let console: TestConsole
  const redis = realRedis()
  const session = { secretStorage: 'session' as const }
  const production = { name: 'Live', class: 'production' as const, role: 'dba' as const }

  beforeAll(async () => {
    console = await createTestConsole({ withoutRegistry: true })
  })
  afterAll(() => console[Symbol.asyncDispose]())

  const written = async (folder: string): Promise<string> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile())
    return (await Promise.all(files.map(file => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n')
  }

  test('secrets appear in no answer, no audit entry, no log and no file, whatever is done with them', async () => {
    const { client } = console
    const created = await client.call('environments.create', {
      settings: { ...production, name: 'Secretive', stores: { redis: redis.settings } },
      secrets: { redis: 'hunter2-first' },
      ...session,
    })
    const ref = { environmentId: created.id }
    const settings = { ...production, name: 'Secretive', stores: { redis: redis.settings } }
    const text = `DATABASE_URL=postgres://ann:hunter2@127.0.0.1:1/hr\nREDIS_PASSWORD=hunter2\nhunter2`
    const source = { kind: 'text' as const, text }
    const answers = [
      created,
      await client.call('environments.update', { ...ref, settings, secrets: { redis: 'hunter2-next' }, ...session }),
      await client.call('environments.test', { ...ref }),
      await client.call('environments.test', { ...ref, settings, secrets: { redis: 'hunter2-try' } }),
      await client.call('environments.previewImport', { source }),
      await client.call('environments.import', { ...production, name: 'Imported', source, ...session }),
      await client.call('environments.list', {}),
      await client.call('environments.get', ref),
      await client.call('audit.list', { limit: 50 }),
    ]
    expect(JSON.stringify(answers)).not.toContain('hunter2')
    expect(await written(console.folder)).not.toContain('hunter2')
  })

  test('a password in a MongoDB URI is refused and not written down', async () => {
    const creating = console.client.call('environments.create', {
      settings: { ...production, stores: { mongo: { uri: 'mongodb://ann:hunter2@h/hr', database: 'hr' } } },
      secrets: {},
      ...session,
    })
    await expect(creating).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      details: { fields: { 'settings.stores.mongo.uri': expect.stringContaining('password') } },
    })
    expect(await written(console.folder)).not.toContain('hunter2')
  })

  test('forgetting a production environment asks for its name and a reason', async () => {
    const { client } = console
    const { id } = await client.call('environments.create', {
      settings: { ...production, stores: {} },
      secrets: {},
      ...session,
    })
    const deleting = (confirmation?: { typed: string; reason?: string }) =>
      client.call('environments.delete', { environmentId: id, ...(confirmation === undefined ? {} : { confirmation }) })
    await expect(deleting()).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
    await expect(deleting({ typed: 'live' })).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
    await expect(deleting({ typed: 'Live' })).rejects.toMatchObject({ code: 'CONFIRMATION_REQUIRED' })
    await expect(deleting({ typed: 'Live', reason: 'moved' })).resolves.toEqual({})
    await expect(client.call('environments.get', { environmentId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('support may test and look, but change nothing', async () => {
    const support = console.connect('support')
    const { id } = console.environment
    expect(await support.call('environments.test', { environmentId: id })).toMatchObject([
      { store: 'postgres', ok: true },
    ])
    const refused = { code: 'PERMISSION_DENIED' }
    const settings = { ...production, stores: {} }
    await expect(support.call('environments.create', { settings, secrets: {}, ...session })).rejects.toMatchObject(
      refused,
    )
    await expect(support.call('environments.delete', { environmentId: id })).rejects.toMatchObject(refused)
  })

  test('health answers for every store, also where a store is not set up', async () => {
    const { stores } = await console.client.call('health.check', { environmentId: console.environment.id })
    expect(stores.map(({ store, state }) => [store, state])).toEqual([
      ['postgres', 'ok'],
      ['mongo', 'absent'],
      ['redis', 'absent'],
      ['backup', 'absent'],
    ])
  })
})
