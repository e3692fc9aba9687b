import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import { withBackupLock } from '../archive/backup-lock.ts'
import type { SchemaDefinitions } from '../archive/definitions.ts'
import type { Manifest } from '../archive/manifest.ts'
import { type ArchiveProgress, type WrittenArchive, writeArchive } from '../archive/writer.ts'
import type { ToolConnection } from '../full/tool-environment.ts'
import * as repository from './backup.repository.ts'

export interface BackupWork {
  registry: WriteDb
  store: BackupStore
  environment: Pick<Environment, 'id' | 'name' | 'class'>
  who: string
  /** Where pg_dump connects to when a schema differs from its migrations. */
  server?: ToolConnection | undefined
  signal: AbortSignal
}

export interface BackupOptions {
  /** Connections that read a tenant of 64 MB or more; 2 when absent. */
  workers?: number | undefined
  /** Milliseconds to wait for a table that somebody holds locked; 10 seconds when absent. */
  lockTimeoutMs?: number | undefined
  onProgress?: ((progress: ArchiveProgress) => void) | undefined
}

export interface BackupReport {
  /** The archive's id in other operations; ends with a slash. */
  prefix: string
  /** Of the manifest: stands for the whole archive. */
  hash: string
  snapshotAt: string
  schemaVersion: number | null
  /** How the schema differs from its migrations; its definitions are pg_dump's then. */
  drift: string | null
  rows: number
  /** Bytes of COPY text. */
  bytes: number
  storedBytes: number
  tables: number
  durationMs: number
}

export interface BackupServiceOptions {
  definitions: Pick<SchemaDefinitions, 'scriptFor'>
  /** Version of this console, for manifests. */
  version: string
}

/** Writes archives of single tenants. */
export class BackupService {
  private readonly options: BackupServiceOptions

  constructor(options: BackupServiceOptions) {
    this.options = options
  }

  /**
   * Archives one tenant. Rejects with CONFLICT when another backup of it is being written, with TENANT_UNAVAILABLE when its schema is
   * gone, and with what the stores say; nothing stays in the store then.
   */
  async create(work: BackupWork, tenant: TenantRow, options: BackupOptions = {}): Promise<BackupReport> {
    const started = performance.now()
    const written = await work.registry.session(async ({ connection, read, write }) =>
      withBackupLock(connection, tenant, async () => {
        const features = await read(tx => repository.readFeatures(tx, tenant.id))
        return await writeArchive(connection, {
          ...options,
          store: work.store,
          session: inner => work.registry.session(session => inner(session.connection)),
          signal: work.signal,
          tenant: described(tenant, features),
          environment: { id: work.environment.id, name: work.environment.name, class: work.environment.class },
          writtenBy: this.options.version,
          record: archive => write(tx => repository.recordArchive(tx, { ...archive, who: work.who })),
          scriptFor: (at, snapshot) => this.options.definitions.scriptFor({ ...work, connection: at, snapshot }),
        })
      }),
    )
    return reportOf(written, performance.now() - started)
  }
}

const described = (tenant: TenantRow, features: Manifest['tenant']['features']): Manifest['tenant'] => ({
  id: tenant.id,
  slug: tenant.slug,
  name: tenant.name,
  databaseSchema: tenant.databaseSchema,
  adminEmail: tenant.adminEmail,
  description: tenant.description,
  settings: tenant.settings,
  status: tenant.status,
  features,
})

const reportOf = ({ prefix, manifest, drift }: WrittenArchive, durationMs: number): BackupReport => ({
  prefix,
  hash: manifest.hash,
  snapshotAt: manifest.snapshotAt,
  schemaVersion: manifest.schema.version,
  drift,
  rows: manifest.rows,
  bytes: manifest.bytes,
  storedBytes: manifest.storedBytes,
  tables: manifest.tables.length,
  durationMs: Math.round(durationMs),
})
