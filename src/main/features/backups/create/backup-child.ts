/** Backs the named tenant up once, over the environment in its first argument; a test kills it in between. */
import { FolderStore } from '../../../connections/backup/folder-store.ts'
import { openWriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { findTenant } from '../../tenants/tenant.repository.ts'
import { BackupService } from './backup.service.ts'

const given = JSON.parse(process.argv[2] ?? '{}')
const pool = new PostgresPool(given.settings, given.password)
const signal = new AbortController().signal
const registry = openWriteDb({ pool: async () => pool, space: 'registry', schema: 'public', signal })
const tenant = await registry.read(tx => findTenant(tx, given.tenantId))
if (tenant === undefined) throw new Error('There is no such tenant')
const scriptFor = async () => ({ sql: '', source: 'migrations' as const, fingerprint: '0'.repeat(64), drift: null })
const backups = new BackupService({ definitions: { scriptFor }, version: '0.0.0-test' })
const store = new FolderStore({ path: given.folder })
await backups.create({ registry, store, environment: given.environment, who: 'child', signal }, tenant, {
  onProgress: ({ bytes }) => process.stdout.write(`${bytes}\n`),
})
await pool.close()
