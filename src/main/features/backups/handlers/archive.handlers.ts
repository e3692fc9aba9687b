import type { BackupReport } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { Connections } from '../../../connections/connections.ts'
import type { SecretReader } from '../../../connections/secret-vault.ts'
import type { FleetContext, HandlersOf } from '../../../kernel/context.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { type Archive, openArchive } from '../archive/reader.ts'
import type { ArchiveProgress } from '../archive/writer.ts'
import type { BrowseService } from '../browse/browse.service.ts'
import type { ArchiveDeletion } from '../catalogue/archive-deletion.ts'
import type { CatalogueService } from '../catalogue/catalogue.service.ts'
import type { CleanupService } from '../catalogue/cleanup.service.ts'
import { ownArchive, requireOwnManifest } from '../catalogue/own-archive.ts'
import type { VerifyService } from '../catalogue/verify.service.ts'
import type { CompareService } from '../compare/compare.service.ts'
import type { BackupService, BackupReport as WrittenReport } from '../create/backup.service.ts'
import type { FleetBackup } from './fleet-backup.ts'
import { toolConnection } from './tool-connection.ts'

export interface ArchiveHandlerDependencies {
  connections: Pick<Connections, 'backup'>
  secrets: SecretReader
  backups: BackupService
  fleet: FleetBackup
  catalogue: CatalogueService
  verify: VerifyService
  cleanup: CleanupService
  deletion: ArchiveDeletion
  browse: BrowseService
  compare: CompareService
}

type Verbs =
  | 'overview'
  | 'list'
  | 'get'
  | 'rows'
  | 'create'
  | 'createAll'
  | 'verify'
  | 'drill'
  | 'delete'
  | 'cleanupPlan'
  | 'cleanup'
  | 'retention'
  | 'setRetention'
  | 'compare'
  | 'differences'

export const archiveHandlers = (dependencies: ArchiveHandlerDependencies): Pick<HandlersOf<'backups'>, Verbs> => ({
  ...catalogueHandlers(dependencies),
  ...writingHandlers(dependencies),
  ...contentHandlers(dependencies),
})

function catalogueHandlers({ catalogue, cleanup, deletion }: ArchiveHandlerDependencies) {
  return {
    overview: ({ environmentId: _, ...query }, context) => catalogue.overview(context, query),
    list: ({ limit, cursor }, context) => catalogue.list(context, { limit, cursor }),
    get: ({ archive }, context) => catalogue.get(context, archive),
    delete: ({ archive, confirmation }, context) =>
      deletion.delete({ ...context, who: context.session.user, reason: confirmation?.reason }, archive),
    retention: (_input, { registry }) => cleanup.retention(registry),
    setRetention: ({ policy }, { registry, session }) => cleanup.setRetention(registry, policy, session.user),
    cleanupPlan: ({ policy }, context) => cleanup.plan(context, policy),
    cleanup: ({ policy, confirmation }, context) =>
      cleanup.cleanup({ ...context, who: context.session.user, reason: confirmation?.reason }, policy),
  } satisfies Partial<HandlersOf<'backups'>>
}

function writingHandlers({ connections, secrets, backups, fleet, verify }: ArchiveHandlerDependencies) {
  return {
    create: async (_input, { registry, environment, tenant, session, signal, job }) => {
      const store = await connections.backup(environment)
      const server = await toolConnection(environment, secrets)
      const work = { registry, store, environment, who: session.user, signal, server }
      const report = await backups.create(work, tenant, { onProgress: progress => job.progress(progressOf(progress)) })
      if (report.drift !== null) job.log(`The schema differs from its migrations: ${report.drift}`)
      return reportOf(report)
    },
    createAll: ({ search, status, workers }, context) =>
      fleet.run({ ...context, who: context.session.user }, { search, status, workers }),
    verify: ({ archive, depth }, context) => verify.verify({ ...context, who: context.session.user }, archive, depth),
    drill: ({ tenants }, context) => verify.drill({ ...context, who: context.session.user }, tenants),
  } satisfies Partial<HandlersOf<'backups'>>
}

function contentHandlers({ connections, browse, compare }: ArchiveHandlerDependencies) {
  const open = async (target: Target, prefix: string): Promise<Archive> => {
    const own = ownArchive(target.tenant, prefix)
    const archive = await openArchive(await connections.backup(target.environment), own.archive, target.signal)
    requireOwnManifest(target.tenant, archive.manifest)
    return archive
  }
  return {
    rows: async ({ archive: prefix, table, key, limit, cursor }, context) => {
      const browsed = { storeId: context.environment.id, archive: await open(context, prefix) }
      return await browse.page(browsed, { table, key, limit, cursor }, context.signal)
    },
    compare: async ({ archive: prefix, with: other }, context) => {
      const { tenant, environment, signal, job, db } = context
      const left = await open(context, prefix)
      const right = other === undefined ? { db, schema: tenant.databaseSchema } : await open(context, other)
      const labels = { left: prefix, right: other ?? 'live' }
      return await compare.compare({ owner: ownerOf(environment, tenant), left, right, labels }, signal, progress =>
        job.progress({ done: progress.done, total: progress.total, unit: 'bytes', note: progress.table }),
      )
    },
    differences: async ({ comparisonId, table, kind, limit, cursor }, context) => {
      const owner = ownerOf(context.environment, context.tenant)
      const prefixes = compare.sidesOf(comparisonId, owner)
      const left = await open(context, prefixes.left)
      const right = prefixes.right === null ? context.db : await open(context, prefixes.right)
      const request = { comparisonId, owner, table, kind, limit, cursor }
      return await compare.rows(request, { left, right }, context.signal)
    },
  } satisfies Partial<HandlersOf<'backups'>>
}

type Target = Pick<FleetContext<'read'>, 'environment' | 'signal'> & { tenant: TenantRow }

const ownerOf = (environment: Environment, tenant: TenantRow): string => `${environment.id} ${tenant.id}`

type Progress = Parameters<JobControl['progress']>[0]

/** The estimate comes from sizes on the disk: what was read already may be more. */
const progressOf = ({ table, tables, bytes, estimatedBytes }: ArchiveProgress): Progress => ({
  done: bytes,
  total: Math.max(bytes, estimatedBytes),
  unit: 'bytes',
  note: `${table} · ${tables.done} of ${tables.total} tables`,
})

const reportOf = (report: WrittenReport): BackupReport => ({
  archive: report.prefix,
  hash: report.hash,
  snapshotAt: report.snapshotAt,
  tables: report.tables,
  rows: String(report.rows),
  bytes: String(report.bytes),
  storedBytes: String(report.storedBytes),
  schemaSource: report.drift === null ? 'migrations' : 'pg_dump',
  durationMs: report.durationMs,
})
