import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { FolderStore } from '../../src/main/connections/backup/folder-store.ts'
import { openWriteDb } from '../../src/main/connections/postgres/database.ts'
import { PostgresPool } from '../../src/main/connections/postgres/pool.ts'
import { SchemaDefinitions } from '../../src/main/features/backups/archive/definitions.ts'
import { BackupService, type BackupWork } from '../../src/main/features/backups/create/backup.service.ts'
import { loadMigrations } from '../../src/main/features/migrations/migration-files.ts'
import type { TestConsole } from '../../src/main/testing/test-console.ts'
import type { TenantRow } from '../../src/shared/contract/tenant.model.ts'

const MIGRATIONS = resolve(import.meta.dirname, '..', '..', 'migrations', 'tenant')
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL'] as const

/** The console's own backup services over one environment and a folder of their own. */
export interface Archiving extends AsyncDisposable {
  folder: string
  backups: BackupService
  work: BackupWork
  tenant(slug: string): Promise<TenantRow>
}

export type Target = Pick<TestConsole['database'], 'settings' | 'password'> & Pick<TestConsole, 'environment'>

export const targetOf = ({ database, environment }: TestConsole): Target => ({
  settings: database.settings,
  password: database.password,
  environment,
})

export async function openArchiving(target: Target): Promise<Archiving> {
  const { settings, password, environment } = target
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  const pool = new PostgresPool(settings, password)
  const { signal } = new AbortController()
  const registry = openWriteDb({ pool: async () => pool, space: 'registry', schema: 'public', signal })
  const definitions = new SchemaDefinitions(await loadMigrations(MIGRATIONS))
  const store = new FolderStore({ path: folder })
  return {
    folder,
    backups: new BackupService({ definitions, version: 'bench' }),
    work: { registry, store, environment, who: 'bench', signal, server: { settings, password } },
    tenant: async slug => {
      const found = await registry.read(tx =>
        tx.row<TenantRow>({
          text: `select id, slug, name, database_schema as "databaseSchema", admin_email as "adminEmail", description, settings, status
            from tenants where slug = $1`,
          values: [slug],
        }),
      )
      if (found === undefined) throw new Error(`There is no tenant ${slug}`)
      return found
    },
    [Symbol.asyncDispose]: async () => {
      await pool.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Archives of one tenant are named by the second: one that finds its second taken waits, which is not what is measured. */
export async function nextSecond(): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<void>()
  setTimeout(done, 1_001 - (Date.now() % 1_000))
  await promise
}

/** `pg_dump … | command…` into a file; resolves to the file's bytes. */
export async function dump(target: Target, options: readonly string[], filter?: readonly string[]): Promise<number> {
  const { settings, password } = target
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-'))
  try {
    const path = join(folder, 'dump')
    await using file = await open(path, 'w')
    const env = {
      ...Object.fromEntries(
        PASSED_ON.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
      ),
      PGHOST: settings.host,
      PGPORT: String(settings.port),
      PGUSER: settings.user,
      PGPASSWORD: password,
      PGDATABASE: settings.database,
    }
    const bin = process.env.TENANTRY_TEST_PG15_BIN
    const program = bin === undefined ? 'pg_dump' : join(bin, 'pg_dump')
    const [command = '', ...rest] = filter ?? []
    // The shell connects the two without a byte through this process; nothing in its line comes from outside.
    const line = filter === undefined ? `exec "$0" "$@"` : `"$0" "$@" | ${command} ${rest.join(' ')}`
    const child = spawn('sh', ['-c', line, program, ...options], { env, stdio: ['ignore', file.fd, 'inherit'] })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`pg_dump ended with ${code}`)
    return (await stat(path)).size
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
