import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { canonicalJson } from '../archive/manifest.ts'
import type { FleetManifest } from './fleet-manifest.ts'
import { type BackupSetup, backupSetup, readManifest, readObject, storedKeys } from './testing.ts'

let setup: BackupSetup
let tenants: TenantRow[]
beforeAll(async () => {
  setup = await backupSetup()
  tenants = []
  for (const slug of ['alpha', 'beta', 'gamma', 'delta']) tenants.push(await setup.console.createTenant(slug))
})
afterAll(() => setup[Symbol.asyncDispose]())

const readFleet = async (key: string): Promise<FleetManifest> =>
  JSON.parse((await readObject(setup.store, key)).toString('utf8'))

describe('a backup of all tenants', () => {
  it('writes an archive each, and one manifest over them', async () => {
    const progress: number[] = []
    const report = await setup.fleet.create(setup.work(), { onProgress: ({ done }) => progress.push(done) })
    expect(report).toMatchObject({ ok: 4, failed: 0, skipped: 0 })
    expect(progress).toEqual([1, 2, 3, 4])
    const { hash, ...rest } = await readFleet(report.manifestKey)
    expect(createHash('sha256').update(canonicalJson(rest)).digest('hex')).toBe(hash)
    expect(rest.tenants.map(one => one.slug)).toEqual(['alpha', 'beta', 'delta', 'gamma'])
    for (const one of rest.tenants) {
      if (one.outcome !== 'ok') throw new Error('Each is ok')
      expect((await readManifest(setup.store, one.archive)).hash).toBe(one.hash)
    }
    expect(await setup.sql('select who, manifest_key, tenants, failed from fleet_backups')).toEqual([
      { who: 'asha', manifest_key: report.manifestKey, tenants: 4, failed: 0 },
    ])
  })

  it('takes only the tenants it is asked for', async () => {
    const [alpha, beta] = tenants
    const tenantIds = [alpha?.id ?? '', beta?.id ?? '']
    expect(await setup.fleet.create(setup.work(), { tenantIds })).toMatchObject({ ok: 2, failed: 0, skipped: 0 })
  })

  it('fails with counts when one fails, and the archives of the others stay', async () => {
    const broken = await setup.console.createTenant('broken')
    const unfinished = await setup.console.createTenant('unfinished')
    await setup.sql(`drop schema ${broken.databaseSchema} cascade`)
    await setup.sql(`update tenants set status = 'provisioning' where id = $1`, [unfinished.id])
    const before = (await storedKeys(setup.store)).filter(key => key.endsWith('manifest.json')).length
    const failure: unknown = await setup.fleet.create(setup.work()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AppError)
    expect(failure).toMatchObject({
      code: 'TENANT_UNAVAILABLE',
      message: expect.stringContaining('1 of 5 tenants'),
      details: { ok: 4, failed: 1, skipped: 1, failures: [{ slug: 'broken', code: 'TENANT_UNAVAILABLE' }] },
    })
    const manifest = await readFleet((failure as { details: { manifestKey: string } }).details.manifestKey)
    expect(manifest.tenants.filter(one => one.outcome !== 'ok')).toMatchObject([
      { slug: 'broken', outcome: 'failed', code: 'TENANT_UNAVAILABLE' },
      { slug: 'unfinished', outcome: 'skipped', reason: 'failed' },
    ])
    expect((await storedKeys(setup.store)).filter(key => key.endsWith('manifest.json')).length).toBe(before + 4)
    expect(await setup.sql('select failed from fleet_backups where failed > 0')).toEqual([{ failed: 1 }])
  })

  it('that is cancelled leaves the archives that are whole, and no manifest', async () => {
    const fleets = async () => (await storedKeys(setup.store, 'backups/fleets/')).length
    const before = await fleets()
    const abort = new AbortController()
    let whole = 0
    const running = setup.fleet.create(setup.work({ signal: abort.signal }), {
      workers: 1,
      onOutcome: ({ outcome }) => {
        if (outcome === 'ok' && ++whole === 2) abort.abort()
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(whole).toBe(2)
    expect(await fleets()).toBe(before)
  })

  it('stops trying when the store is gone', async () => {
    const more = await Promise.all(['a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map(slug => setup.console.createTenant(slug)))
    const tried = new Set<string>()
    const gone = Object.assign(Object.create(setup.store), {
      list: ({ prefix }: { prefix: string }) => {
        tried.add(prefix)
        return Promise.reject(new AppError('CONNECTION_FAILED', 'The store is gone.'))
      },
    })
    await expect(setup.fleet.create(setup.work({ store: gone }))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('were not tried'),
    })
    expect(tried.size).toBeLessThan(more.length + 2)
  })
})
