import { randomBytes } from 'node:crypto'
import type { RestoreVerification } from '#shared/contract/restore.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { Migration } from '../../migrations/migration-files.ts'
import { activateImport, cancelImport, type ImportedTenant, reserveImport } from '../../tenants/tenant-import.ts'
import { withTenantLock } from '../../tenants/tenant-lock.ts'
import type { Manifest } from '../archive/manifest.ts'
import { openArchive } from '../archive/reader.ts'
import { migrateSide, pendingMigrations } from '../restore/side-migrate.ts'
import { type BuiltSide, buildSide } from '../restore/side-schema.ts'
import { requireVerified, verificationOf } from '../restore/side-verify.ts'
import type { Work } from '../restore/swap.ts'
import { maskCopy } from './mask-copy.ts'
import { maskRuleOf } from './mask-rules.ts'

export interface CloneRequest {
  /** Holds the archive; it may be another environment's. */
  store: BackupStore
  archive: string
  slug: string
  name: string
  /** As archived when absent. */
  adminEmail: string | undefined
  schemaChoice: 'migrate' | 'as-archived'
  mask: boolean
  reason: string | undefined
}

export interface CloneReport {
  tenant: TenantRow
  rows: string
  masked: boolean
  verification: RestoreVerification
}

/** Settings of a masked tenant that no mask is given for, so they are left out with everything that is not known. */
const KNOWN_SETTINGS = ['country', 'currency', 'financialYear', 'timezone']

/** Makes a new tenant of an archive. */
export class CloneService {
  private readonly migrations: readonly Migration[]

  constructor(migrations: readonly Migration[]) {
    this.migrations = migrations
  }

  /**
   * The tenant is reserved first, built under its own schema name, verified, and entered at the end: it exists as a whole or not at all.
   * Rejects with CONFLICT when the slug is taken, the archive is damaged, or what was loaded is not what the archive holds.
   */
  async create(work: Work, request: CloneRequest): Promise<CloneReport> {
    const archive = await work.job.step('Open the archive', () =>
      openArchive(request.store, request.archive, work.signal),
    )
    const pending = pendingMigrations(archive.manifest, this.migrations, request.schemaChoice)
    const tenant = tenantOf(archive.manifest, request)
    return await work.db.session(session =>
      withTenantLock(session.connection, tenant.id, async () => {
        const { who } = work
        const { hash: archiveHash } = archive.manifest
        const source = {
          archive: request.archive,
          archiveHash,
          masked: request.mask,
          slug: archive.manifest.tenant.slug,
        }
        const note = { who, source, reason: request.reason }
        const schema = await work.job.step('Reserve the name', () =>
          session.write(tx => reserveImport(tx, tenant, note)),
        )
        try {
          const key = randomBytes(32)
          const built = await buildSide({
            db: work.db,
            session,
            signal: work.signal,
            archive,
            schema,
            step: (name, inner) => work.job.step(name, inner),
            onProgress: ({ phase, done, total, table }) =>
              work.job.progress({ done, total, unit: 'bytes', note: phase === 'load' ? table : `Verify ${table}` }),
            ...(request.mask ? { transform: columns => maskCopy(columns, key) } : {}),
          })
          const verification = verified(archive.manifest, built, request.mask)
          if (pending.length > 0) {
            await work.job.step('Migrate forward', () => migrateSide(session, { schema, who, pending }))
          }
          const row = await work.job.step('Enter it in the registry', () =>
            session.write(tx => activateImport(tx, tenant, who)),
          )
          return { tenant: row, rows: String(archive.manifest.rows), masked: request.mask, verification }
        } catch (error) {
          await takeAway(work, tenant)
          throw error
        }
      }),
    )
  }
}

function tenantOf(manifest: Manifest, request: CloneRequest): ImportedTenant {
  const { tenant } = manifest
  const settings = request.mask
    ? Object.fromEntries(Object.entries(tenant.settings).filter(([name]) => KNOWN_SETTINGS.includes(name)))
    : tenant.settings
  if (request.mask && request.adminEmail === undefined) {
    throw new AppError('INVALID_INPUT', 'A masked tenant needs an administrator’s e-mail of its own.', {
      details: { fields: { adminEmail: 'Enter an e-mail; the archived one is personal data' } },
    })
  }
  return {
    id: newId(),
    slug: request.slug,
    name: request.name,
    adminEmail: request.adminEmail ?? tenant.adminEmail,
    description: request.mask ? null : tenant.description,
    settings,
    features: tenant.features.map(({ feature, enabled, config }) => ({
      feature,
      enabled,
      config: request.mask ? {} : config,
    })),
  }
}

/** Masked tables have other text than the archive by intention: their rows are counted. */
function verified(manifest: Manifest, built: BuiltSide, isMasked: boolean): RestoreVerification {
  const found = verificationOf(manifest, built)
  if (!isMasked) {
    requireVerified(manifest, built, found)
    return found
  }
  const maskedTables = new Set(
    manifest.tables
      .filter(table => table.columns.some(column => maskRuleOf(column.name) !== undefined))
      .map(table => table.name),
  )
  const tables = found.tables.map(table =>
    maskedTables.has(table.table)
      ? { ...table, isEqual: table.rows === table.expectedRows, note: 'Masked: rows are counted, not hashed' }
      : table,
  )
  const verification = {
    ...found,
    tables,
    outcome: tables.every(table => table.isEqual) ? ('passed' as const) : ('failed' as const),
  }
  requireVerified(manifest, built, verification)
  return verification
}

/** What cannot be taken away now shows as failed in the list, with its clean-up. */
async function takeAway(work: Work, tenant: ImportedTenant): Promise<void> {
  await work.db
    .afterCancel()
    .write(tx => cancelImport(tx, tenant, work.who))
    .catch(() => work.job.log('What was built could not be removed; the tenant shows as failed and can be cleaned up.'))
}
