import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { openBackupStore } from '../../../connections/backup/open.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { withBackupLock } from '../archive/backup-lock.ts'
import { tenantPrefix } from '../archive/layout.ts'
import { CatalogueService } from './catalogue.service.ts'
import { BackgroundRepair } from './reconcile.ts'
import {
  createTestRegistry,
  keysBelow,
  never,
  putArchive,
  type TestRegistry,
  testManifest,
  watched,
} from './test-archives.ts'
import type { ArchivedTenant } from './time-line.ts'
import { insertVerification } from './verification.repository.ts'

const SEALED = 'f'.repeat(64)

describe.each(['folder', 's3'] as const)('the time line of a tenant: %s', kind => {
  let folder: string
  let store: BackupStore
  let base: TestRegistry
  let tenant: ArchivedTenant
  let catalogue: CatalogueService
  let count = 0
  const target = () => ({ registry: base.registry, environment: base.environment, tenant, signal: never })
  const verified = (archive: string, [depth, outcome]: ['hashes' | 'restore', 'passed' | 'failed'], second: number) =>
    base.registry.write(tx =>
      insertVerification(tx, {
        tenantId: tenant.id,
        archive,
        archiveHash: SEALED,
        depth,
        outcome,
        startedAt: new Date(Date.UTC(2026, 2, 1, 0, 0, second)),
        durationMs: 5,
        who: 'asha',
        problems: outcome === 'passed' ? [] : ['users: 3 rows of 4'],
      }),
    )

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-catalogue-'))
    const s3 = realS3()
    const settings = kind === 'folder' ? { kind, path: folder } : s3.settings
    store = openBackupStore(settings, s3.secret)
    base = await createTestRegistry(settings)
    catalogue = new CatalogueService({ connections: { backup: async () => store } })
  })
  beforeEach(async () => {
    tenant = await base.addTenant(`acme-${++count}`)
  })
  afterAll(async () => {
    await base.forgetArchives(store)
    await base[Symbol.asyncDispose]()
    await store.close()
    await rm(folder, { recursive: true })
  })

  test('is empty without archives', async () => {
    expect(await catalogue.list(target(), { limit: 10 })).toEqual({ items: [], nextCursor: null, total: 0 })
  })

  test('shows what each archive is, the latest first', async () => {
    await putArchive(store, { tenant, at: '2026-01-01T02:00:00Z', manifest: 'none' })
    await putArchive(store, { tenant, at: '2026-01-02T02:00:00Z' })
    await putArchive(store, { tenant, at: '2026-01-03T02:00:00Z', manifest: '{"half' })
    const edited = { ...testManifest(tenant, '2026-01-04T02:00:00.000Z'), rows: 0, writtenBy: 'somebody' }
    await putArchive(store, { tenant, at: '2026-01-04T02:00:00Z', manifest: JSON.stringify(edited) })
    const newer = JSON.stringify({ formatVersion: 99 })
    await putArchive(store, { tenant, at: '2026-01-05T02:00:00Z', manifest: newer })
    const page = await catalogue.list(target(), { limit: 10 })
    expect(page.items.map(row => [row.at.slice(0, 10), row.state, row.isLastGood])).toEqual([
      ['2026-01-05', 'damaged', false],
      ['2026-01-04', 'damaged', false],
      ['2026-01-03', 'damaged', false],
      ['2026-01-02', 'complete', true],
      ['2026-01-01', 'incomplete', false],
    ])
    expect(page.items.map(row => row.problem)).toEqual([
      expect.stringContaining('format 99'),
      expect.stringContaining('changed after it was written'),
      expect.stringContaining('not JSON'),
      null,
      expect.stringContaining('did not end'),
    ])
  })

  test('calls an archive running while its writer holds the lock, and older ones incomplete', async () => {
    await putArchive(store, { tenant, at: '2026-01-01T02:00:00Z', manifest: 'none' })
    await putArchive(store, { tenant, at: '2026-01-02T02:00:00Z', manifest: 'none' })
    const states = async () => (await catalogue.list(target(), { limit: 10 })).items.map(row => row.state)
    await base.registry.session(({ connection }) =>
      withBackupLock(connection, tenant, async () => expect(await states()).toEqual(['running', 'incomplete'])),
    )
    expect(await states()).toEqual(['incomplete', 'incomplete'])
  })

  test('merges the latest verification; one that failed is healed only by one as deep', async () => {
    const older = await putArchive(store, { tenant, at: '2026-01-01T02:00:00Z' })
    const latest = await putArchive(store, { tenant, at: '2026-01-02T02:00:00Z' })
    const lastGood = async () => (await catalogue.list(target(), { limit: 10 })).items.find(row => row.isLastGood)
    await verified(latest, ['restore', 'failed'], 1)
    expect((await lastGood())?.archive).toBe(older)
    await verified(latest, ['hashes', 'passed'], 2)
    expect((await lastGood())?.archive).toBe(older)
    await verified(latest, ['restore', 'passed'], 3)
    expect(await lastGood()).toMatchObject({ archive: latest, verified: { depth: 'restore', outcome: 'passed' } })
    const detail = await catalogue.get(target(), latest)
    expect(detail.verifications.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
      ['passed', 0],
      ['passed', 0],
      ['failed', 1],
    ])
    expect(detail).toMatchObject({ slug: tenant.slug, serverVersion: '15.1', migrations: [{ version: 1 }] })
  })

  test('pages by key, also when the archive of the cursor is gone', async () => {
    const all: string[] = []
    for (let day = 1; day <= 7; day++) all.unshift(await putArchive(store, { tenant, at: `2026-01-0${day}T02:00:00Z` }))
    const first = await catalogue.list(target(), { limit: 3 })
    await store.delete(await keysBelow(store, all[2] ?? ''), never)
    const second = await catalogue.list(target(), { limit: 3, cursor: first.nextCursor ?? '' })
    const third = await catalogue.list(target(), { limit: 3, cursor: second.nextCursor ?? '' })
    const archives = [first, second, third].flatMap(page => page.items.map(row => row.archive))
    expect(archives).toEqual(all)
    expect([third.nextCursor, third.items.map(row => row.isLastGood)]).toEqual([null, [false]])
  })

  test('refuses an archive that is another tenant’s, and shows a copied one as damaged', async () => {
    const other = await base.addTenant(`other-${count}`)
    const foreign = await putArchive(store, { tenant: other, at: '2026-01-01T02:00:00Z' })
    await expect(catalogue.get(target(), foreign)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const strange = `backups/schemas/${tenant.databaseSchema.replace('t', '%74')}/backup_schema_2026-01-01T02-00-00/`
    await expect(catalogue.get(target(), strange)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const copied = testManifest({ ...tenant, id: other.id }, '2026-01-02T02:00:00.000Z')
    await putArchive(store, { tenant, at: '2026-01-02T02:00:00Z', manifest: JSON.stringify(copied) })
    const { items } = await catalogue.list(target(), { limit: 10 })
    expect(items).toMatchObject([{ state: 'damaged', isLastGood: false, problem: expect.stringContaining('another') }])
  })

  test('repairs the registry’s copy when it differs from the store', async () => {
    const kept = await putArchive(store, { tenant, at: '2026-01-01T02:00:00Z' })
    await base.console.database.client.query(
      `insert into tenant_backups values ($1, $2, 'x', 'x', $3, now(), 1, 1, 1, 1)`,
      [`${tenantPrefix(tenant.databaseSchema)}backup_schema_2025-01-01T00-00-00/`, tenant.id, SEALED],
    )
    const failures: unknown[] = []
    const repair = new BackgroundRepair({ backup: async () => store, postgres: async () => base.pool }, error =>
      failures.push(error),
    )
    let noticed = 0
    const repairing = new CatalogueService({
      connections: { backup: async () => store },
      onDifference: (environment, found) => {
        noticed += 1
        repair.begin(environment, found)
      },
    })
    await repairing.list(target(), { limit: 10 })
    await repair.settled()
    await repairing.list(target(), { limit: 10 })
    expect([noticed, failures]).toEqual([1, []])
    const { rows } = await base.console.database.client.query(
      'select archive_key from tenant_backups where tenant_id = $1',
      [tenant.id],
    )
    expect(rows).toEqual([{ archive_key: kept }])
  })
})

describe('10,000 archives of one tenant', () => {
  test('cost the first page few requests', async () => {
    const path = await mkdtemp(join(tmpdir(), 'tenantry-many-'))
    await using base = await createTestRegistry({ kind: 'folder', path })
    const tenant = await base.addTenant('many')
    const start = Date.UTC(2025, 0, 1)
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const at = new Date(start + (batch * 100 + index) * 3_600_000).toISOString()
          const stamp = at.slice(0, 19).replaceAll(':', '-')
          const own = join(path, tenantPrefix(tenant.databaseSchema), `backup_schema_${stamp}`)
          await mkdir(own, { recursive: true })
          await writeFile(join(own, 'manifest.json'), JSON.stringify(testManifest(tenant, at)))
        }),
      )
    }
    const calls = new Map<string, number>()
    const count = (method: string) => void calls.set(method, (calls.get(method) ?? 0) + 1)
    const store = watched(openBackupStore({ kind: 'folder', path }, undefined), count)
    const catalogue = new CatalogueService({ connections: { backup: async () => store } })
    const target = { registry: base.registry, environment: base.environment, tenant, signal: never }
    const started = performance.now()
    const first = await catalogue.list(target, { limit: 50 })
    const elapsed = performance.now() - started
    expect([first.items.length, first.total, first.items[0]?.isLastGood]).toEqual([50, 10_000, true])
    expect(Object.fromEntries(calls)).toEqual({ listFolders: 10, get: 50 })
    expect(elapsed).toBeLessThan(3_000)
    calls.clear()
    const second = await catalogue.list(target, { limit: 50, cursor: first.nextCursor ?? '' })
    expect(second.items[0]?.at).toBe('2026-02-19T13:00:00.000Z')
    expect(Object.fromEntries(calls)).toEqual({ listFolders: 10, get: 51 })
    await rm(path, { recursive: true })
  })
})
