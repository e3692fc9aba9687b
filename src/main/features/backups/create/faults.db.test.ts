import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { type FaultProxy, startFaultProxy } from '../../../../../scripts/services/fault.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { FolderStore } from '../../../connections/backup/folder-store.ts'
import { S3Store } from '../../../connections/backup/s3-store.ts'
import { eventually } from '../../../testing/eventually.ts'
import { realS3 } from '../../../testing/real-stores.ts'
import { postgresUrl } from '../../../testing/test-database.ts'
import { type BackupSetup, backupSetup, storedKeys } from './testing.ts'

const never = new AbortController().signal

let setup: BackupSetup
let proxy: FaultProxy
let large: TenantRow
let s3: S3Store
beforeAll(async () => {
  const server = new URL(postgresUrl())
  proxy = await startFaultProxy({ host: server.hostname, port: Number(server.port) })
  setup = await backupSetup({ through: { host: '127.0.0.1', port: proxy.port } })
  large = await setup.console.createTenant('large')
  // Digits that do not compress: 70 MB of text, on several connections, more than one part of an upload.
  await setup.sql(`
    set search_path to ${large.databaseSchema}, extensions;
    insert into audit_logs (action, entity_type, changes)
      select 'a', 'b', jsonb_build_object('noise', (select string_agg(encode(sha512((random()::text || m || n)::bytea), 'hex'), '') from generate_series(1, 250) m))
      from generate_series(1, 1500) n;
    insert into approval_workflows (name, entity_type, steps)
      select 'w', 'x', jsonb_build_array((select string_agg(encode(sha512((random()::text || m || n)::bytea), 'hex'), '') from generate_series(1, 250) m))
      from generate_series(1, 700) n;
    set search_path to public`)
  const real = realS3()
  s3 = new S3Store(real.settings, real.secret)
})
afterAll(async () => {
  await s3.close()
  await setup[Symbol.asyncDispose]()
  proxy.close()
})

const prefix = () => `backups/schemas/${large.databaseSchema}/`

/** A real store that tells of each object before it is put, as soon as its first bytes are there, and when it rests. */
function watched(store: BackupStore, onPut: (key: string, phase: 'before' | 'during' | 'after') => void): BackupStore {
  return Object.assign(Object.create(store), {
    put: async (key: string, body: Uint8Array | Readable, signal: AbortSignal) => {
      onPut(key, 'before')
      if (!(body instanceof Uint8Array)) body.once('data', () => onPut(key, 'during'))
      const bytes = await store.put(key, body, signal)
      onPut(key, 'after')
      return bytes
    },
  })
}

async function expectNothingLeft(store: BackupStore): Promise<void> {
  expect(await storedKeys(store, prefix())).toEqual([])
  const unfinished = await store.listUnfinished(prefix(), never)
  expect(unfinished).toEqual([])
  expect(await setup.sql('select archive_key from tenant_backups')).toEqual([])
  await eventually(async () => {
    const left = await setup.sql(
      `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
         and (state <> 'idle' or query like 'COPY%')
       union all select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    )
    return left.length === 0 ? true : undefined
  })
}

const PHASES = [
  ['before its first object', (key: string, phase: string) => key.endsWith('schema.sql') && phase === 'before'],
  ['in the middle of a large object', (key: string, phase: string) => key.includes('audit_logs') && phase === 'during'],
  ['after a small object', (key: string, phase: string) => key.includes('roles') && phase === 'after'],
  ['before its manifest', (key: string, phase: string) => key.endsWith('manifest.json') && phase === 'before'],
  ['after its manifest', (key: string, phase: string) => key.endsWith('manifest.json') && phase === 'after'],
] as const

describe.each(['folder', 's3'] as const)('in a store of kind %s', kind => {
  const store = () => (kind === 'folder' ? setup.store : s3)

  it.each(PHASES)('a backup cancelled %s leaves nothing', async (_name, isNow) => {
    const abort = new AbortController()
    let wasThere = false
    const watching = watched(store(), (key, phase) => {
      if (!isNow(key, phase)) return
      wasThere = true
      abort.abort()
    })
    const backup = setup.backups.create(setup.work({ store: watching, signal: abort.signal }), large)
    await expect(backup).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(wasThere).toBe(true)
    await expectNothingLeft(store())
  })

  it.each(PHASES.slice(0, 4))('a backup whose server is gone %s leaves nothing', async (_name, isNow) => {
    const watching = watched(store(), (key, phase) => {
      if (isNow(key, phase)) proxy.cut()
    })
    const backup = setup.backups.create(setup.work({ store: watching }), large)
    // Once all tables are read the server is only needed for the entry in the registry.
    const isRead = isNow('manifest.json', 'before')
    await expect(backup).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
    if (!isRead) return await expectNothingLeft(store())
    expect((await storedKeys(store(), prefix())).filter(key => key.endsWith('manifest.json'))).toHaveLength(1)
    await store().delete(await storedKeys(store(), prefix()), never)
  })

  it.each(['schema.sql', 'audit_logs', 'roles', 'manifest.json'])(
    'a backup that the store refuses at %s leaves nothing',
    async name => {
      const failing = watched(store(), (key, phase) => {
        if (key.includes(name) && phase === 'before') throw new AppError('CONNECTION_FAILED', 'The store is full.')
      })
      const backup = setup.backups.create(setup.work({ store: failing }), large)
      await expect(backup).rejects.toMatchObject({ code: 'CONNECTION_FAILED', message: 'The store is full.' })
      await expectNothingLeft(store())
      expect((await setup.sql('select 1 as one'))[0]).toEqual({ one: 1 })
    },
  )
})

describe('a backup', () => {
  it('that cannot remove what it stored says where it lies', async () => {
    const failing = Object.assign(
      Object.create(
        watched(setup.store, (key, phase) => {
          if (key.endsWith('manifest.json') && phase === 'before')
            throw new AppError('CONNECTION_FAILED', 'The store is gone.')
        }),
      ),
      { delete: () => Promise.reject(new AppError('CONNECTION_FAILED', 'The store is gone.')) },
    )
    const failure: unknown = await setup.backups
      .create(setup.work({ store: failing }), large)
      .catch((error: unknown) => error)
    const keys = await storedKeys(setup.store, prefix())
    expect(failure).toMatchObject({
      message: 'The store is gone.',
      details: { leftover: keys[0]?.replace(/(backup_schema_[^/]+\/).*/, '$1') },
    })
    expect(keys.some(key => key.endsWith('manifest.json'))).toBe(false)
    await setup.store.delete(keys, never)
  })

  it('whose process is killed leaves no manifest, and no lock', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-killed-'))
    const { settings, password } = setup.console.database
    const given = { settings, password, tenantId: large.id, folder, environment: setup.console.environment }
    for (const bytes of [1, 30_000_000, 60_000_000]) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'backup-child.ts'), JSON.stringify(given)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout.on('data', (text: Buffer) => {
        if (Number(text.toString().trim().split('\n').at(-1)) >= bytes) child.kill('SIGKILL')
      })
      const [code, signal] = await once(child, 'exit')
      expect([code, signal]).toEqual([null, 'SIGKILL'])
      const keys = await storedKeys(new FolderStore({ path: folder }))
      expect(keys.filter(key => key.endsWith('manifest.json'))).toEqual([])
    }
    await rm(folder, { recursive: true })
    await expectNothingLeft(setup.store)
  })

  it('goes through once nothing is in its way, on several connections', async () => {
    const report = await setup.backups.create(setup.work(), large)
    expect(report).toMatchObject({ tables: 17 })
    expect(report.bytes).toBeGreaterThan(70_000_000)
  })
})
