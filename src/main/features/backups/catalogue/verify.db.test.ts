import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import type { Manifest } from '../archive/manifest.ts'
import { type BackupSetup, backupSetup } from '../create/testing.ts'
import { editManifest } from '../testing/write-archive.ts'
import { never, watched } from './test-archives.ts'
import { trialRestore } from './trial-restore.ts'
import { type TrialRestore, VerifyService } from './verify.service.ts'

describe('verifying archives', () => {
  let setup: BackupSetup
  let acme: TenantRow
  let tiny: TenantRow
  const log: string[] = []
  const service = (store: BackupStore = setup.store, restore: TrialRestore = trialRestore) =>
    new VerifyService({ connections: { backup: async () => store }, trialRestore: restore })
  const work = (signal: AbortSignal = never) => ({
    registry: setup.registry(signal),
    environment: setup.console.environment,
    signal,
    who: 'asha',
    job: {
      progress: () => undefined,
      log: (text: string) => void log.push(text),
      step: <T>(_name: string, run: () => Promise<T>) => run(),
    },
  })
  const backup = async (tenant: TenantRow) => (await setup.backups.create(setup.work(), tenant)).prefix
  const kept = () =>
    setup.sql('select archive_key, depth, outcome, details from backup_verifications order by started_at, depth')
  const scratchSchemas = () => setup.sql(`select nspname from pg_namespace where nspname like '%\\_\\_scratch\\_%'`)

  beforeAll(async () => {
    setup = await backupSetup()
    acme = await setup.console.createTenant('acme')
    tiny = await setup.console.createTenant('tiny')
  })
  afterAll(() => setup[Symbol.asyncDispose]())

  test.each(['hashes', 'restore'] as const)('an archive as it was written passes %s', async depth => {
    const archive = await backup(acme)
    const verification = await service().verify({ ...work(), tenant: acme }, archive, depth)
    expect(verification).toMatchObject({ depth, outcome: 'passed', problems: [], who: 'asha' })
    expect((await kept()).at(-1)).toMatchObject({
      archive_key: archive,
      depth,
      outcome: 'passed',
      details: { tables: expect.any(Number), rows: expect.any(Number) },
    })
    expect(await scratchSchemas()).toEqual([])
    const audit = await setup.sql(
      `select after from tenant_audit where action = 'backup.verify' order by "when" desc limit 1`,
    )
    expect(audit).toMatchObject([{ after: { archive, depth, outcome: 'passed' } }])
  })

  test.each(['hashes', 'restore'] as const)('one flipped byte is found by %s', async depth => {
    const archive = await backup(acme)
    const key = await objectOf(archive, 'users')
    const bytes = Buffer.concat(await (await setup.store.get(key, never)).toArray())
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 5) ^ 1, bytes.length - 5)
    await setup.store.put(key, bytes, never)
    const verification = await service().verify({ ...work(), tenant: acme }, archive, depth)
    expect(verification).toMatchObject({ outcome: 'failed', problems: [expect.stringContaining('users')] })
    expect(await scratchSchemas()).toEqual([])
    expect((await kept()).at(-1)).toMatchObject({ outcome: 'failed', details: { problems: verification.problems } })
  })

  test('an edited manifest is told with the hash that the registry remembers', async () => {
    const archive = await backup(acme)
    const change = (manifest: Manifest) => void Object.assign(manifest, { writtenBy: 'somebody' })
    await editManifest(setup.store, archive, { change, reseal: false })
    const verification = await service().verify({ ...work(), tenant: acme }, archive, 'hashes')
    expect(verification).toMatchObject({ outcome: 'failed', problems: [expect.stringContaining('changed after')] })
    await setup.sql('delete from tenant_backups where archive_key = $1', [archive])
    await service().verify({ ...work(), tenant: acme }, archive, 'restore')
    const recorded = await setup.sql('select distinct archive_hash from backup_verifications where archive_key = $1', [
      archive,
    ])
    expect(recorded).toHaveLength(2)
  })

  test('definitions that do not run, and rows that break a constraint, are found by restoring only', async () => {
    const archive = await backup(acme)
    // As somebody would who can write to the store and computes every hash anew.
    const key = `${archive}schema.sql`
    const bytes = Buffer.concat(await (await setup.store.get(key, never)).toArray())
    const text = Buffer.concat([bytes, Buffer.from('\nalter table users add check (false);\n')])
    await setup.store.put(key, text, never)
    await editManifest(setup.store, archive, {
      change: manifest => {
        manifest.storedBytes += text.length - bytes.length
        manifest.schema.object.bytes = text.length
        manifest.schema.object.sha256 = createHash('sha256').update(text).digest('hex')
      },
      reseal: true,
    })
    expect(await service().verify({ ...work(), tenant: acme }, archive, 'hashes')).toMatchObject({ outcome: 'passed' })
    const restored = await service().verify({ ...work(), tenant: acme }, archive, 'restore')
    expect(restored).toMatchObject({ outcome: 'failed', problems: [expect.stringContaining('SQLSTATE 23514')] })
    expect(await scratchSchemas()).toEqual([])
  })

  test('a check that could not be made says nothing about the archive', async () => {
    const archive = await backup(acme)
    const before = (await kept()).length
    const unreachable = watched(setup.store, (method, args) => {
      if (method === 'get' && !String(args[0]).endsWith(MANIFEST_NAME)) {
        throw new AppError('CONNECTION_FAILED', 'The backup store did not answer.')
      }
    })
    const tried = service(unreachable).verify({ ...work(), tenant: acme }, archive, 'hashes')
    await expect(tried).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    const abort = new AbortController()
    const cancelling: TrialRestore = (opened, own) => {
      const step = <T>(name: string, run: () => Promise<T>) => {
        if (name.endsWith('Verify')) abort.abort()
        return run()
      }
      const job = { ...own.job, step }
      return trialRestore(opened, { ...own, job })
    }
    const cancelled = service(setup.store, cancelling).verify(
      { ...work(abort.signal), tenant: acme },
      archive,
      'restore',
    )
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' })
    expect([await scratchSchemas(), (await kept()).length]).toEqual([[], before])
  })

  test('refuses an archive of another tenant, and one without a manifest', async () => {
    const archive = await backup(tiny)
    const other = service().verify({ ...work(), tenant: acme }, archive, 'hashes')
    await expect(other).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await setup.store.delete([`${archive}${MANIFEST_NAME}`], never)
    const none = service().verify({ ...work(), tenant: tiny }, archive, 'hashes')
    await expect(none).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('a drill takes those longest not drilled first, and keeps the measured time', async () => {
    const third = await setup.console.createTenant('third')
    await setup.console.createTenant('without-backup')
    for (const tenant of [acme, tiny, third]) await backup(tenant)
    const slugs = async (tenants: number) => (await service().drill(work(), tenants)).results.map(result => result.slug)
    const first = await slugs(2)
    const second = await slugs(2)
    expect(second).toEqual([expect.not.stringMatching(first.join('|')), first[0]])
    const drills = await setup.sql(`select duration_ms, outcome from backup_verifications where depth = 'drill'`)
    expect(drills).toEqual(Array.from({ length: 4 }, () => ({ duration_ms: expect.any(Number), outcome: 'passed' })))
    expect(drills.every(({ duration_ms }) => Number(duration_ms) > 0)).toBe(true)
    expect(await scratchSchemas()).toEqual([])
  })

  test('a drill goes on after a tenant whose archives are gone', async () => {
    const prefix = `backups/schemas/${tiny.databaseSchema}/`
    const keys: string[] = []
    for await (const { key } of setup.store.listAll(prefix, never)) keys.push(key)
    await setup.store.delete(keys, never)
    const report = await service().drill(work(), 3)
    expect([report.passed, report.failed]).toEqual([2, 1])
    expect(report.results.find(result => result.outcome === 'failed')).toMatchObject({
      slug: 'tiny',
      problems: ['The backup store holds no good archive of this tenant.'],
    })
  })

  async function objectOf(archive: string, table: string): Promise<string> {
    for await (const { key } of setup.store.listAll(archive, never)) if (key.includes(`_${table}.`)) return key
    throw new Error(`No object of ${table}`)
  }
})
