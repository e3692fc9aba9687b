import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBackupStore } from '../../../connections/backup/open.ts'
import type { ReadDb, ReadTx } from '../../../connections/postgres/database.ts'
import { CatalogueService } from './catalogue.service.ts'
import { createTestRegistry, never, type TestRegistry } from './test-archives.ts'

const NOW = new Date('2026-03-11T12:00:00.000Z')
const TENANTS = 2_000

describe('the overview of a fleet', () => {
  let base: TestRegistry
  let catalogue: CatalogueService
  let queries = 0
  /** The registry's handle, with every query counted. */
  const counted = (): ReadDb<'registry'> => ({
    read: (work, options) =>
      base.registry.read(tx => {
        const count =
          <T extends 'rows' | 'row'>(name: T): ReadTx<'registry'>[T] =>
          (query: never) => {
            queries += 1
            return tx[name](query) as never
          }
        return work({ ...tx, rows: count('rows'), row: count('row') })
      }, options),
  })
  const overview = (query: { limit: number; search?: string; cursor?: string }) =>
    catalogue.overview({ registry: counted(), environment: base.environment, signal: never }, query)

  beforeAll(async () => {
    base = await createTestRegistry({ kind: 'folder', path: '/var/backups/hr' })
    const store = openBackupStore({ kind: 'folder', path: '/nowhere' }, undefined)
    catalogue = new CatalogueService({ connections: { backup: async () => store }, now: () => NOW })
    // One in four has no backup; the ages of the others go from an hour to days, several archives each.
    await base.console.database.client.query(
      `insert into tenants (name, slug, database_schema, admin_email, status)
         select 'Tenant ' || n, 'tenant-' || n, 'tenant_' || n, 'a@b.example', 'active' from generate_series(1, $1::int) n;`,
      [TENANTS],
    )
    await base.console.database.client.query(
      `insert into tenant_backups
         select t.slug || '/' || g, t.id, t.slug, t.database_schema, repeat('a', 64),
                $1::timestamptz - make_interval(hours => (substr(t.slug, 8)::int % 100) + 24 * g), 10, 20, 5, 1, now()
         from tenants t, generate_series(0, 2) g where substr(t.slug, 8)::int % 4 <> 0`,
      [NOW.toISOString()],
    )
    await base.addTenant('archived-old', 'archived')
    await base.addTenant('half-built', 'failed')
    await base.console.database.client.query('analyze')
  })
  afterAll(() => base[Symbol.asyncDispose]())

  test('asks as many queries for thousands of tenants as for few', async () => {
    queries = 0
    const few = await overview({ limit: 200, search: 'tenant-12' })
    const forFew = queries
    queries = 0
    const started = performance.now()
    const all = await overview({ limit: 200 })
    expect(performance.now() - started).toBeLessThan(1_000)
    expect([queries, few.items.length, all.items.length]).toEqual([forFew, few.total, 200])
    expect(queries).toBeLessThanOrEqual(5)
  })

  test('puts those without a backup first, then the oldest, and counts the overdue on all pages', async () => {
    const seen: Awaited<ReturnType<typeof overview>>['items'] = []
    let cursor: string | undefined
    let first: Awaited<ReturnType<typeof overview>> | undefined
    do {
      const page = await overview({ limit: 150, ...(cursor === undefined ? {} : { cursor }) })
      first ??= page
      seen.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(new Set(seen.map(row => row.tenantId)).size).toBe(TENANTS + 2)
    expect([first?.total, first?.store]).toEqual([TENANTS + 2, '/var/backups/hr'])
    const overdue = seen.filter(row => row.isOverdue)
    expect(overdue).toEqual(seen.slice(0, overdue.length))
    expect(first?.overdue).toBe(overdue.length)
    const never = seen.filter(row => row.isOverdue && row.latestAt === null)
    expect(never).toEqual(seen.slice(0, TENANTS / 4 + 1))
    const ages = seen.slice(never.length, overdue.length).map(row => row.latestAt ?? '')
    expect(ages).toEqual([...ages].sort())
    expect(seen.find(row => row.slug === 'half-built')).toMatchObject({ isOverdue: false, latestAt: null })
    // 26 hours are not overdue yet, 27 are.
    expect(seen.find(row => row.slug === 'tenant-126')?.isOverdue).toBe(false)
    expect(seen.find(row => row.slug === 'tenant-127')?.isOverdue).toBe(true)
  })

  test('shows the latest archive and the latest verification of any', async () => {
    await base.console.database.client.query(
      `insert into backup_verifications (tenant_id, archive_key, archive_hash, depth, outcome, started_at, duration_ms, who)
       select id, slug || '/1', repeat('a', 64), 'hashes', o, a::timestamptz, 7, 'asha' from tenants,
         (values ('failed', '2026-03-01'), ('passed', '2026-03-02')) v (o, a) where slug = 'tenant-1997'`,
    )
    const { items } = await overview({ limit: 10, search: 'TENANT-1997' })
    expect(items).toMatchObject([
      { archive: 'tenant-1997/0', rows: '10', storedBytes: '5', verified: { outcome: 'passed', durationMs: 7 } },
    ])
  })

  test('takes the signs of a pattern for themselves, and refuses a cursor of another list', async () => {
    expect((await overview({ limit: 10, search: 'tenant_1' })).total).toBe(0)
    await expect(overview({ limit: 10, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
