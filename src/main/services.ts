import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { Connections } from './connections/connections.ts'
import { createSecretVault, type SecretVault } from './connections/secret-vault.ts'
import { StoreContexts } from './context-source.ts'
import { appHandlers } from './features/app/app.handlers.ts'
import { auditHandlers } from './features/audit/audit.handlers.ts'
import { createBackupServices } from './features/backups/backup-services.ts'
import { backupsHandlers } from './features/backups/backups.handlers.ts'
import { ScheduleService } from './features/backups/schedule/schedule.service.ts'
import { ScheduleHost } from './features/backups/schedule/schedule-host.ts'
import { schedulesHandlers } from './features/backups/schedules.handlers.ts'
import { dataHandlers } from './features/data/data.handlers.ts'
import { DataService } from './features/data/data.service.ts'
import { EnvironmentRepository } from './features/environments/environment.repository.ts'
import { EnvironmentService } from './features/environments/environment.service.ts'
import { environmentsHandlers } from './features/environments/environments.handlers.ts'
import { healthHandlers } from './features/health/health.handlers.ts'
import { HealthService } from './features/health/health.service.ts'
import { jobsHandlers } from './features/jobs/jobs.handlers.ts'
import { FleetService } from './features/migrations/fleet.service.ts'
import { FleetRunService } from './features/migrations/fleet-run.service.ts'
import { MigrationService } from './features/migrations/migration.service.ts'
import { loadFleetMigrations, loadMigrations } from './features/migrations/migration-files.ts'
import { migrationsHandlers } from './features/migrations/migrations.handlers.ts'
import { DeletionGuard } from './features/tenants/deletion-guard.ts'
import { featuresHandlers } from './features/tenants/features.handlers.ts'
import { ProvisioningService } from './features/tenants/provisioning.service.ts'
import { TenantService } from './features/tenants/tenant.service.ts'
import { tenantsHandlers } from './features/tenants/tenants.handlers.ts'
import { AuditLog } from './kernel/audit-log.ts'
import { type AllHandlers, flattenHandlers } from './kernel/context.ts'
import { Dispatcher } from './kernel/dispatch.ts'
import { JobLog } from './kernel/job-log.ts'
import { JobManager } from './kernel/jobs.ts'
import { Kernel } from './kernel/kernel.ts'

export interface ServicesConfig {
  /** Settings, audit, jobs and logs are kept here. */
  dataDirectory: string
  /** Holds `migrations/`. */
  resourcesDirectory: string
  version: string
  /** One of pino's levels; `info` when absent. */
  logLevel?: string
  /** Where secrets rest; the OS keychain and this process's memory when absent. */
  vault?: SecretVault
  /** bcrypt's cost for new administrators; lower than the default only where hashing must not be measured. */
  passwordCost?: number
}

export interface Services {
  kernel: Kernel
  jobs: JobManager
  environments: EnvironmentService
  /** Runs what is scheduled for an environment, for as long as a host wants it. */
  schedules: ScheduleHost
  /** Cancels what runs, then closes every connection. */
  close(): Promise<void>
}

/** The one composition root: every host builds the console with it. */
export async function createServices(config: ServicesConfig): Promise<Services> {
  const log = createLogger(config)
  const audit = new AuditLog(join(config.dataDirectory, 'audit'))
  const jobs = new JobManager(new JobLog(join(config.dataDirectory, 'jobs')))
  await jobs.recover()
  const vault = config.vault ?? createSecretVault()
  const connections = new Connections(vault)
  const environments = new EnvironmentService({
    repository: new EnvironmentRepository(config.dataDirectory),
    vault,
    connections,
    log,
  })
  const tenantFolder = join(config.resourcesDirectory, 'migrations', 'tenant')
  const tenantMigrations = await loadMigrations(tenantFolder)
  const migrations = new MigrationService({
    registry: await loadMigrations(join(config.resourcesDirectory, 'migrations', 'registry')),
    tenant: tenantMigrations,
  })
  const fleetMigrations = await loadFleetMigrations(tenantFolder)
  const tenants = new TenantService()
  const backups = await createBackupServices({
    version: config.version,
    dataDirectory: config.dataDirectory,
    connections,
    secrets: vault,
    log,
    environments,
    tenants,
    migrations: tenantMigrations,
  })
  const handlers: AllHandlers = {
    app: appHandlers({ version: config.version, vault }),
    audit: auditHandlers(audit),
    backups: backupsHandlers(backups),
    data: dataHandlers(new DataService()),
    environments: environmentsHandlers(environments),
    features: featuresHandlers(),
    health: healthHandlers(new HealthService(connections, log)),
    jobs: jobsHandlers(jobs),
    migrations: migrationsHandlers(migrations, new FleetService(fleetMigrations), new FleetRunService(fleetMigrations)),
    schedules: schedulesHandlers(new ScheduleService()),
    tenants: tenantsHandlers({
      tenants,
      provisioning: new ProvisioningService(migrations, config.passwordCost),
      deletion: new DeletionGuard(connections),
    }),
  }
  const contexts = new StoreContexts(environments, connections)
  const kernel = new Kernel(new Dispatcher({ handlers: flattenHandlers(handlers), contexts, jobs, audit, log }), log)
  const schedules = new ScheduleHost({ connections, environments, kernel })
  const close = async () => {
    await jobs.close()
    await backups.close()
    await connections.close()
  }
  return { kernel, jobs, environments, schedules, close }
}

/** Errors keep the driver's own words; bound values and connection strings are never part of them. */
function createLogger(config: ServicesConfig): Logger {
  const destination = pino.destination({
    dest: join(config.dataDirectory, 'logs', 'tenantry.log'),
    mkdir: true,
    sync: false,
    append: true,
  })
  const redact = [
    '*.password',
    '*.secret',
    '*.connectionString',
    'err.config',
    'err.detail',
    'err.where',
    'err.internalQuery',
  ]
  return pino({ level: config.logLevel ?? 'info', redact }, destination)
}
