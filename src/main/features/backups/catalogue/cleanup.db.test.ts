import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RetentionPolicy } from '#shared/contract/backup.model.ts'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { TEMPORARY_FOLDER } from '../../../connections/backup/folder-walk.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { withBackupLock } from '../archive/backup-lock.ts'
import { MANIFEST_NAME, tenantPrefix } from '../archive/layout.ts'
import { ArchiveDeletion } from './archive-deletion.ts'
import { CleanupService } from './cleanup.service.ts'
import type { FullDumps } from './cleanup-plan.ts'
import { createTestRegistry, keysBelow, never, putArchive, type TestRegistry, watched } from './test-archives.ts'
import type { ArchivedTenant } from './time-line.ts'
import { insertVerification } from './verification.repository.ts'

const NOW = new Date('2026-03-11T12:00:00.000Z')
const TWO_DAYS: RetentionPolicy = { days: 2, last: 1, weekly: 0, monthly: 0 }

describe.each(['folder', 's3'] as const)('taking archives away: %s', kind => {
  let folder: string
  let store: BackupStore
  let base: TestRegistry
  let tenant: ArchivedTenant
  let count = 0
  let dumps: { key: string; at: string; bytes: number; isComplete: boolean; database: string | null }[] = []
  const removedDumps: string[] = []
  const log: string[] = []
  const fullDumps: FullDumps = {
    list: async () => dumps,
    get: async (_store, key) => {
      const database = dumps.find(dump => dump.key === key)?.database
      return database === undefined || database === null ? null : { database }
    },
    remove: async (_store, key) => void removedDumps.push(key),
  }
  const service = (used: BackupStore = store, now = NOW) =>
    new CleanupService({
      connections: { backup: async () => used },
      dumps: fullDumps,
      leftovers: { list: async () => [], remove: async () => 0 },
      now: () => now,
    })
  const target = () => ({ registry: base.registry, environment: base.environment, signal: never })
  const work = (signal: AbortSignal = never) => ({
    registry: base.bound(signal),
    environment: base.environment,
    signal,
    who: 'asha',
    reason: 'monthly',
    job: { progress: () => undefined, log: (text: string) => void log.push(text) },
  })
  const plan = async (policy = TWO_DAYS) => {
    const found = await service().plan(target(), policy)
    const own = (text: string) => text.includes(tenant.databaseSchema)
    return {
      remove: found.remove.filter(item => own(item.key)).map(item => [item.kind, item.at.slice(5, 10)]),
      problems: found.problems.filter(own),
    }
  }
  const known = (archive: string, of = tenant) =>
    base.console.database.client.query(
      `insert into tenant_backups values ($1, $2, $3, $4, repeat('a', 64), now(), 1, 1, 1, 1)`,
      [archive, of.id, of.slug, of.databaseSchema],
    )
  const failed = (archive: string) =>
    base.registry.write(tx =>
      insertVerification(tx, {
        tenantId: tenant.id,
        archive,
        archiveHash: 'a'.repeat(64),
        depth: 'hashes',
        outcome: 'failed',
        startedAt: new Date(),
        durationMs: 1,
        who: 'asha',
        problems: ['x'],
      }),
    )
  /** At 02:00 of days of March 2026, the latest last. */
  const archives = async (...days: string[]) => {
    const made: string[] = []
    for (const day of days) made.push(await putArchive(store, { tenant, at: `2026-${day}T02:00:00Z` }))
    return made
  }
  const stored = async () =>
    [...new Set((await keysBelow(store, tenantPrefix(tenant.databaseSchema))).map(key => key.split('/')[3]))].map(
      name => name?.slice(19, 24),
    )

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-cleanup-'))
    const s3 = realS3()
    const settings = kind === 'folder' ? { kind, path: folder } : s3.settings
    const whole = openBackupStore(settings, s3.secret)
    // The bucket is shared: uploads of other suites, which run at the same time, must not be seen here.
    store = new Proxy(whole, {
      get: (real, property) => {
        if (property === 'listUnfinished' && kind === 's3') {
          return async (prefix: string, signal: AbortSignal) =>
            (await real.listUnfinished(prefix, signal)).filter(
              ({ key }) => key?.includes(tenant.databaseSchema) === true,
            )
        }
        const value: unknown = Reflect.get(real, property)
        return typeof value === 'function' ? value.bind(real) : value
      },
    })
    base = await createTestRegistry(settings)
  })
  beforeEach(async () => {
    dumps = []
    removedDumps.length = 0
    log.length = 0
    tenant = await base.addTenant(`acme-${++count}`)
  })
  afterEach(() => base.forgetArchives(store))
  afterAll(async () => {
    await base[Symbol.asyncDispose]()
    await store.close()
    await rm(folder, { recursive: true })
  })

  test('a plan names what no rule keeps, and deletes nothing', async () => {
    await archives('03-01', '03-05', '03-10', '03-11')
    expect(await plan()).toEqual({
      remove: [
        ['archive', '03-01'],
        ['archive', '03-05'],
      ].toReversed(),
      problems: [],
    })
    expect(await stored()).toEqual(['03-01', '03-05', '03-10', '03-11'])
  })

  test('a clean-up does what the plan says, manifests first, and writes it down', async () => {
    const [old] = await archives('03-01', '03-11')
    await known(old ?? '')
    const deleted: string[] = []
    const watching = watched(store, (method, args) => {
      if (method === 'delete') deleted.push(...(args[0] as string[]))
    })
    const report = await service(watching).cleanup(work(), TWO_DAYS)
    expect(report.failed).toEqual([])
    expect(report.remove.map(item => item.key)).toContain(old)
    expect(deleted).toEqual([`${old}${MANIFEST_NAME}`, `${old}schema.sql`])
    expect(Number(report.removedBytes)).toBeGreaterThan(0)
    expect(await stored()).toEqual(['03-11'])
    const { rows } = await base.console.database.client.query(
      `select who, action, reason, before ->> 'archive' as archive from tenant_audit where tenant_id = $1`,
      [tenant.id],
    )
    expect(rows).toEqual([{ who: 'asha', action: 'backup.cleanup', reason: 'monthly', archive: old }])
    expect((await base.console.database.client.query('select 1 from tenant_backups')).rowCount).toBe(0)
    expect(await plan()).toEqual({ remove: [], problems: [] })
  })

  test('the last good archive stays, however old, also when later ones are bad', async () => {
    const [good, bad] = await archives('01-01', '03-02')
    await failed(bad ?? '')
    await putArchive(store, { tenant, at: '2026-03-01T02:00:00Z', manifest: 'edited' })
    const found = await plan()
    expect(found.remove).toEqual([['archive', '03-02']])
    expect(found.problems).toEqual([expect.stringContaining('is damaged, and stays')])
    await service().cleanup(work(), TWO_DAYS)
    expect(await keysBelow(store, good ?? '')).not.toEqual([])
    expect((await plan()).remove).toEqual([])
  })

  test('one that would stay in the stead of others is looked into, and damage makes room for an older one', async () => {
    await archives('03-01', '03-02')
    await putArchive(store, { tenant, at: '2026-03-03T02:00:00Z', manifest: 'edited' })
    const found = await plan()
    expect(found.remove).toEqual([['archive', '03-01']])
    expect(found.problems).toEqual([expect.stringContaining('is damaged, and stays')])
  })

  test('an archive that lacks an object its manifest names is not taken for good', async () => {
    const [, , latest] = await archives('03-01', '03-02', '03-03')
    await store.delete([`${latest}schema.sql`], never)
    const found = await plan()
    expect(found).toEqual({
      remove: [['archive', '03-01']],
      problems: [expect.stringContaining(`${latest} is damaged`)],
    })
  })

  test('where nothing is good nothing goes', async () => {
    for (const archive of await archives('01-01', '01-02')) await failed(archive)
    expect(await plan()).toEqual({ remove: [], problems: [expect.stringContaining('no good archive')] })
  })

  test('what a dead backup left goes after 24 hours, unless a backup runs', async () => {
    for (const at of ['2026-03-10T11:00:00Z', '2026-03-10T13:00:00Z']) {
      await putArchive(store, { tenant, at, manifest: 'none' })
    }
    await base.registry.session(({ connection }) =>
      withBackupLock(connection, tenant, async () => expect(await plan()).toEqual({ remove: [], problems: [] })),
    )
    expect(await plan()).toEqual({ remove: [['incomplete', '03-10']], problems: [] })
    await service().cleanup(work(), TWO_DAYS)
    expect(await keysBelow(store, tenantPrefix(tenant.databaseSchema))).toEqual([
      expect.stringContaining('2026-03-10T13-00-00/schema.sql'),
    ])
  })

  test('of a tenant that is gone the last good one stays; schemas that nobody knows are left alone', async () => {
    const [, latest] = await archives('03-01', '03-02')
    await known(latest ?? '')
    await base.console.database.client.query('delete from tenants where id = $1', [tenant.id])
    expect(await plan()).toEqual({ remove: [['archive', '03-01']], problems: [] })
    await base.console.database.client.query('delete from tenant_backups')
    expect(await plan()).toEqual({ remove: [], problems: [expect.stringContaining('no tenant that this registry')] })
  })

  test('an archive that a restore still needs stays', async () => {
    const [old] = await archives('03-01', '03-11')
    const { client } = base.console.database
    await client.query(
      `insert into tenant_restores (tenant_id, slug, archive_key, archive_hash, purpose, state, side_schema, who)
       values ($1, 'x', $2, repeat('a', 64), 'replace', 'ready', $3, 'asha')`,
      [tenant.id, old, `side_${count}`],
    )
    expect(await plan()).toEqual({ remove: [], problems: [expect.stringContaining('restore')] })
    await client.query(`update tenant_restores set state = 'discarded'`)
    expect((await plan()).remove).toEqual([['archive', '03-01']])
  })

  test('an item that fails is told, and the work goes on', async () => {
    const [first, second] = await archives('03-01', '03-02', '03-11')
    const failing = watched(store, (method, args) => {
      if (method === 'delete' && (args[0] as string[])[0]?.startsWith(second ?? '?')) {
        throw new AppError('PERMISSION_DENIED', 'The access key may not do this.')
      }
    })
    const report = await service(failing).cleanup(work(), TWO_DAYS)
    expect(report.failed).toEqual([`${second}: The access key may not do this.`])
    expect(await keysBelow(store, first ?? '')).toEqual([])
    expect(log).toContainEqual(`Removed ${first}`)
  })

  test('a cancelled clean-up stops, and a half-deleted archive is no archive', async () => {
    const [, second] = await archives('03-01', '03-02', '03-11')
    const abort = new AbortController()
    const cancelling = watched(store, (method, args) => {
      // The second call of an archive, after that for its manifest.
      if (method === 'delete' && (args[0] as string[]).includes(`${second}schema.sql`)) abort.abort()
    })
    await expect(service(cancelling).cleanup(work(abort.signal), TWO_DAYS)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await keysBelow(store, second ?? '')).toEqual([`${second}schema.sql`])
    expect((await plan()).remove).toContainEqual(['incomplete', '03-02'])
    await service().cleanup(work(), TWO_DAYS)
    expect(await stored()).toEqual(['03-11'])
  })

  test('unfinished uploads go after 24 hours', async () => {
    const upload = await beginUpload()
    const uploads = (items: { kind: string; key: string }[]) => items.filter(item => item.kind === 'upload')
    expect(uploads((await service().plan(target(), TWO_DAYS)).remove)).toEqual([])
    const later = service(store, new Date(Date.now() + 25 * 3_600_000))
    const report = await later.cleanup(work(), TWO_DAYS)
    expect(uploads(report.remove)).toMatchObject([{ key: expect.stringContaining(upload) }])
    expect(report.failed).toEqual([])
    expect(await store.listUnfinished('backups/', never)).toEqual([])
  })

  /** What a backup that was killed leaves; resolves to what names it. */
  async function beginUpload(): Promise<string> {
    if (kind === 'folder') {
      await mkdir(join(folder, TEMPORARY_FOLDER), { recursive: true })
      await writeFile(join(folder, TEMPORARY_FOLDER, 'half'), 'half')
      return 'half'
    }
    const s3 = realS3()
    const { endpoint = '', region, bucket: Bucket, accessKeyId } = s3.settings
    const credentials = { accessKeyId, secretAccessKey: s3.secret }
    const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials })
    const Key = `${tenantPrefix(tenant.databaseSchema)}backup_schema_2026-03-01T02-00-00/data/001_x.copy.zst`
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    client.destroy()
    return Key
  }

  test('whole-database dumps go by their age; the latest, the latest complete and those of others stay', async () => {
    const { database } = base.console.database.settings
    const dump = (day: string, isComplete = true, of: string | null = database) => ({
      key: `backups/2026/03/backup_full_2026-${day}T02-00-00.dump`,
      at: `2026-${day}T02:00:00.000Z`,
      bytes: 100,
      isComplete,
      database: of,
    })
    dumps = [
      dump('02-01'),
      dump('02-02', true, 'other'),
      dump('02-03', false, null),
      dump('02-04'),
      dump('02-05', false),
    ]
    const report = await service().cleanup(work(), TWO_DAYS)
    expect(removedDumps).toEqual([dumps[2]?.key, dumps[0]?.key])
    expect(report.problems).toContainEqual(expect.stringContaining('is of the database other'))
  })

  test('the rules are kept in the registry, the default ones until then', async () => {
    expect(await service().retention(base.registry)).toEqual({ days: 30, last: 3, weekly: 0, monthly: 0 })
    const policy = { days: 7, last: 2, weekly: 4, monthly: 12 }
    await service().setRetention(base.registry, { ...policy, days: 1 }, 'asha')
    await service().setRetention(base.registry, policy, 'asha')
    expect(await service().retention(base.registry)).toEqual(policy)
    await base.console.database.client.query('delete from backup_schedules')
  })

  describe('deleting one', () => {
    const remove = (archive: string) =>
      new ArchiveDeletion({ backup: async () => store }).delete({ ...work(), tenant }, archive)

    test('refuses the last good one', async () => {
      const [good, bad] = await archives('03-01', '03-02')
      await failed(bad ?? '')
      await expect(remove(good ?? '')).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'last-good' } })
      expect(await remove(bad ?? '')).toMatchObject({ objects: 2 })
      expect(await stored()).toEqual(['03-01'])
    })

    test('deletes a good one that is not the last, its row, and says so in the history', async () => {
      const [old] = await archives('03-01', '03-02')
      await known(old ?? '')
      await remove(old ?? '')
      const { client } = base.console.database
      expect((await client.query('select 1 from tenant_backups where archive_key = $1', [old])).rowCount).toBe(0)
      const { rows } = await client.query('select action, slug from tenant_audit where tenant_id = $1', [tenant.id])
      expect(rows).toEqual([{ action: 'backup.delete', slug: tenant.slug }])
      await expect(remove(old ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    test('refuses another tenant’s, and waits for no backup that runs', async () => {
      const [old] = await archives('03-01', '03-02')
      const other = await base.addTenant(`other-${count}`)
      const deletion = new ArchiveDeletion({ backup: async () => store })
      await expect(deletion.delete({ ...work(), tenant: other }, old ?? '')).rejects.toMatchObject({
        code: 'NOT_FOUND',
      })
      await base.registry.session(({ connection }) =>
        withBackupLock(connection, tenant, () =>
          expect(remove(old ?? '')).rejects.toMatchObject({ details: { reason: 'backup-running' } }),
        ),
      )
    })
  })
})
