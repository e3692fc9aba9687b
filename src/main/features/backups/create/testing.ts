import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { FolderStore } from '../../../connections/backup/folder-store.ts'
import { openWriteDb, type WriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { createTestConsole, type TestConsole, type TestConsoleOptions } from '../../../testing/test-console.ts'
import { loadMigrations } from '../../migrations/migration-files.ts'
import { SchemaDefinitions } from '../archive/definitions.ts'
import { DefinitionDump } from '../archive/definitions-dump.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import { type Manifest, parseManifest } from '../archive/manifest.ts'
import { ClientTools } from '../full/client-tools.ts'
import { BackupService, type BackupWork } from './backup.service.ts'
import { FleetBackupService } from './fleet-backup.service.ts'

const PROJECT = resolve(import.meta.dirname, '..', '..', '..', '..', '..')
const never = new AbortController().signal

/** The tools of the server that the test run chose. */
const toolsFolder = (): string | undefined =>
  process.env[(process.env.TENANTRY_TEST_POSTGRES ?? 'TENANTRY_TEST_PG15_URL').replace('_URL', '_BIN')]

/** A console with a folder as backup store, and the services that write archives into it. */
export interface BackupSetup extends AsyncDisposable {
  console: TestConsole
  pool: PostgresPool
  store: BackupStore
  backups: BackupService
  fleet: FleetBackupService
  work(changes?: Partial<BackupWork>): BackupWork
  registry(signal?: AbortSignal): WriteDb
  /** Runs a statement as superuser. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>
}

export async function backupSetup(options: TestConsoleOptions = {}): Promise<BackupSetup> {
  const console = await createTestConsole({ passwordCost: 4, ...options })
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
  const { settings, password } = console.database
  const pool = new PostgresPool(settings, password)
  const store = new FolderStore({ path: folder })
  const migrations = await loadMigrations(join(PROJECT, 'migrations', 'tenant'))
  const definitions = new SchemaDefinitions(migrations, new DefinitionDump(new ClientTools({ folder: toolsFolder() })))
  const backups = new BackupService({ definitions, version: '0.0.0-test' })
  const registry = (signal: AbortSignal = never) =>
    openWriteDb({ pool: async () => pool, space: 'registry', schema: 'public', signal })
  return {
    console,
    pool,
    store,
    backups,
    fleet: new FleetBackupService(backups),
    registry,
    work: (changes = {}) => ({
      registry: registry(changes.signal),
      store,
      environment: console.environment,
      who: 'asha',
      server: { settings, password },
      signal: never,
      ...changes,
    }),
    sql: async (text, values) => (await console.database.client.query(text, values)).rows,
    [Symbol.asyncDispose]: async () => {
      await pool.close()
      await console[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function storedKeys(store: BackupStore, prefix = 'backups/'): Promise<string[]> {
  const keys: string[] = []
  for await (const object of store.listAll(prefix, never)) keys.push(object.key)
  return keys
}

export async function readObject(store: BackupStore, key: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of await store.get(key, never)) parts.push(Buffer.from(part as Uint8Array))
  return Buffer.concat(parts)
}

export const readManifest = async (store: BackupStore, prefix: string): Promise<Manifest> =>
  parseManifest((await readObject(store, `${prefix}${MANIFEST_NAME}`)).toString('utf8'))

/** COPY text of every table of a schema, by name, as a plain connection reads it. */
export async function contentOf(setup: BackupSetup, tenant: TenantRow): Promise<Map<string, string[]>> {
  const { sql } = setup
  const tables = await sql(`select tablename as name from pg_tables where schemaname = $1`, [tenant.databaseSchema])
  const content = new Map<string, string[]>()
  for (const { name } of tables) {
    const rows = await sql(
      `select t::text as row from "${tenant.databaseSchema}"."${String(name).replaceAll('"', '""')}" t`,
    )
    content.set(
      String(name),
      rows.map(row => String(row.row)),
    )
  }
  return content
}
