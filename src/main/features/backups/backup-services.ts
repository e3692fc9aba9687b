import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Connections } from '../../connections/connections.ts'
import type { SecretReader } from '../../connections/secret-vault.ts'
import type { EnvironmentService } from '../environments/environment.service.ts'
import type { Migration } from '../migrations/migration-files.ts'
import type { TenantService } from '../tenants/tenant.service.ts'
import { SchemaDefinitions } from './archive/definitions.ts'
import type { BackupHandlerDependencies } from './backups.handlers.ts'
import { BrowseService } from './browse/browse.service.ts'
import { ArchiveDeletion } from './catalogue/archive-deletion.ts'
import { CatalogueService } from './catalogue/catalogue.service.ts'
import { CleanupService } from './catalogue/cleanup.service.ts'
import { BackgroundRepair } from './catalogue/reconcile.ts'
import { trialRestore } from './catalogue/trial-restore.ts'
import { latestVerifications } from './catalogue/verification.repository.ts'
import { VerifyService } from './catalogue/verify.service.ts'
import { CloneService } from './clone/clone.service.ts'
import { CompareService } from './compare/compare.service.ts'
import { BackupService } from './create/backup.service.ts'
import { FleetBackupService } from './create/fleet-backup.service.ts'
import { FullDumpService } from './full/full-dump.service.ts'
import { FleetBackup } from './handlers/fleet-backup.ts'
import { serverLeftovers } from './handlers/server-leftovers.ts'
import { Decisions } from './restore/decisions.ts'
import { KeptService } from './restore/kept.service.ts'
import { PlanService } from './restore/plan.service.ts'
import { PrepareService } from './restore/prepare.service.ts'
import { RestoreQueries } from './restore/restore-queries.ts'
import { RowsService } from './restore/rows.service.ts'
import { compareSides } from './restore/side-compare.ts'
import { SwapService } from './restore/swap.service.ts'

export interface BackupSetting {
  version: string
  /** Comparisons keep their results in a folder below it, as long as the console lives. */
  dataDirectory: string
  connections: Pick<Connections, 'backup' | 'postgres'>
  secrets: SecretReader
  log: Pick<Logger, 'warn'>
  environments: Pick<EnvironmentService, 'find'>
  tenants: Pick<TenantService, 'ids'>
  /** Of tenants, in the order of their versions. */
  migrations: readonly Migration[]
}

export interface BackupServices extends BackupHandlerDependencies {
  close(): Promise<void>
}

/** The services of this feature, put together. */
export async function createBackupServices(setting: BackupSetting): Promise<BackupServices> {
  const { connections, secrets, environments, tenants, migrations, version } = setting
  const backups = new BackupService({ definitions: new SchemaDefinitions(migrations), version })
  const decisions = new Decisions()
  const dumps = new FullDumpService()
  const kept = new KeptService()
  const browse = new BrowseService()
  const compare = new CompareService({ directory: join(setting.dataDirectory, 'comparisons') })
  await compare.start()
  const repair = new BackgroundRepair(connections, err =>
    setting.log.warn({ err }, 'the copy of an archive list was not repaired'),
  )
  return {
    connections,
    secrets,
    environments,
    backups,
    fleet: new FleetBackup({ connections, secrets, tenants, fleet: new FleetBackupService(backups) }),
    catalogue: new CatalogueService({
      connections,
      onDifference: (environment, tenant) => repair.begin(environment, tenant),
    }),
    verify: new VerifyService({ connections, trialRestore }),
    cleanup: new CleanupService({ connections, dumps, leftovers: serverLeftovers({ secrets, kept, dumps }) }),
    deletion: new ArchiveDeletion(connections),
    browse,
    compare,
    decisions,
    plans: new PlanService({
      migrations,
      verified: async (registry, prefix) =>
        (await registry.read(tx => latestVerifications(tx, [prefix]))).get(prefix) ?? null,
    }),
    prepares: new PrepareService({ migrations }),
    queries: new RestoreQueries(decisions),
    swaps: new SwapService({ decisions, compare: async (tx, schemas) => (await compareSides(tx, schemas)).tables }),
    rows: new RowsService(),
    kept,
    clones: new CloneService(migrations),
    close: async () => {
      await repair.close()
      await browse.close()
      await compare.close()
    },
  }
}
