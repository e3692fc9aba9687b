import type { FleetBackupReport, FleetOutcome as Outcome } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantStatus } from '#shared/contract/tenant.model.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import type { Connections } from '../../../connections/connections.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import type { SecretReader } from '../../../connections/secret-vault.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import type { TenantService } from '../../tenants/tenant.service.ts'
import type { FleetBackupService } from '../create/fleet-backup.service.ts'
import type { FleetOutcome } from '../create/fleet-manifest.ts'
import { toolConnection } from './tool-connection.ts'

interface Dependencies {
  connections: Pick<Connections, 'backup'>
  secrets: SecretReader
  tenants: Pick<TenantService, 'ids'>
  fleet: FleetBackupService
}

export interface FleetBackupWork {
  registry: WriteDb
  environment: Environment
  job: Pick<JobControl, 'progress' | 'log'>
  who: string
  signal: AbortSignal
}

export interface FleetBackupRequest {
  search?: string | undefined
  status?: TenantStatus[] | undefined
  workers: number
}

/** Outcomes that a result carries; the fleet manifest has all of them. */
const SHOWN = 500
const ORDER: readonly Outcome['outcome'][] = ['failed', 'skipped', 'done']

/** "Back up all tenants" as people and schedules start it. */
export class FleetBackup {
  private readonly dependencies: Dependencies

  constructor(dependencies: Dependencies) {
    this.dependencies = dependencies
  }

  /** Rejects at the end, with the counts, when a tenant failed; the archives of the others stay. */
  async run(work: FleetBackupWork, request: FleetBackupRequest): Promise<FleetBackupReport> {
    const { connections, secrets, tenants, fleet } = this.dependencies
    const { registry, environment, who, signal, job } = work
    const isFiltered = (request.search ?? '') !== '' || request.status !== undefined
    const tenantIds = isFiltered ? await tenants.ids(registry, request) : undefined
    const store = await connections.backup(environment)
    const server = await toolConnection(environment, secrets)
    const outcomes: Outcome[] = []
    const sorted = () =>
      outcomes
        .sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || (a.slug < b.slug ? -1 : 1))
        .slice(0, SHOWN)
    const created = fleet.create(
      { registry, store, environment, who, signal, server },
      {
        tenantIds,
        workers: request.workers,
        onProgress: ({ done, total, failed, slug }) =>
          job.progress({ done, total, unit: 'tenants', note: failed === 0 ? slug : `${slug} · ${failed} failed` }),
        onOutcome: outcome => {
          const shown = outcomeOf(outcome)
          outcomes.push(shown)
          if (shown.outcome !== 'done') job.log(`${shown.slug}: ${shown.outcome}: ${shown.problem}`)
        },
      },
    )
    const report = await created.catch((error: unknown) => {
      throw withOutcomes(error, sorted())
    })
    return {
      manifestKey: report.manifestKey,
      done: report.ok,
      failed: report.failed,
      skipped: report.skipped,
      storedBytes: String(report.storedBytes),
      durationMs: report.durationMs,
      outcomes: sorted(),
    }
  }
}

/** A fleet that failed for some tenants says how it went for each of them, as one that succeeded does. */
function withOutcomes(error: unknown, outcomes: Outcome[]): unknown {
  if (!isAppError(error) || outcomes.length === 0) return error
  const { code, message, hint, retryable, id, details } = error
  const counts = typeof details === 'object' && details !== null && !Array.isArray(details) ? details : {}
  return new AppError(code, message, { hint, retryable, id, details: { ...counts, outcomes }, cause: error.cause })
}

function outcomeOf(outcome: FleetOutcome): Outcome {
  const { tenantId, slug } = outcome
  const nothing = { tenantId, slug, archive: null, rows: null, storedBytes: null, durationMs: 0 }
  if (outcome.outcome === 'failed') return { ...nothing, outcome: 'failed', problem: outcome.message }
  if (outcome.outcome === 'skipped') return { ...nothing, outcome: 'skipped', problem: outcome.reason }
  const { archive, rows, storedBytes, durationMs, drift } = outcome
  return {
    tenantId,
    slug,
    outcome: 'done',
    archive,
    rows: String(rows),
    storedBytes: String(storedBytes),
    durationMs,
    problem: drift,
  }
}
