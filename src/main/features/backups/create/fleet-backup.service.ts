import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import * as repository from './backup.repository.ts'
import type { BackupService, BackupWork } from './backup.service.ts'
import { type FleetManifest, type FleetOutcome, fleetKey, fleetManifest } from './fleet-manifest.ts'

const DEFAULT_WORKERS = 2
/** So many tenants in a row that could not be reached: the server or the store is gone, not the tenants. */
const GIVE_UP_AFTER = 5
/** Of all failures, those that the job's error names; the manifest has them all. */
const NAMED_FAILURES = 20

export interface FleetProgress {
  done: number
  total: number
  failed: number
  slug: string
}

export interface FleetOptions extends repository.FleetFilter {
  /** Tenants that are archived at the same time. */
  workers?: number | undefined
  onProgress?: ((progress: FleetProgress) => void) | undefined
  /** Told as each tenant is done, for logs. */
  onOutcome?: ((outcome: FleetOutcome) => void) | undefined
}

export interface FleetReport {
  manifestKey: string
  ok: number
  failed: number
  skipped: number
  rows: number
  /** Bytes of COPY text. */
  bytes: number
  storedBytes: number
  durationMs: number
}

/** Archives all tenants of an environment, one by one and some at a time. */
export class FleetBackupService {
  private readonly backups: Pick<BackupService, 'create'>

  constructor(backups: Pick<BackupService, 'create'>) {
    this.backups = backups
  }

  /**
   * Archives every tenant, then writes one manifest over all. When a tenant failed it rejects at the end, with the counts and the
   * manifest's key in the details; the archives of the others stay. A cancel leaves the archives that are whole, and no manifest.
   */
  async create(work: BackupWork, options: FleetOptions = {}): Promise<FleetReport> {
    const startedAt = new Date()
    const tenants = await work.registry.read(tx => repository.fleetTenants(tx, options))
    const outcomes = await this.archiveAll(work, tenants, options)
    throwIfCancelled(work.signal)
    const manifestKey = await freeKey(work, startedAt)
    const manifest = fleetManifest({
      environment: work.environment,
      who: work.who,
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
      tenants: outcomes,
    })
    await work.store.put(manifestKey, Buffer.from(JSON.stringify(manifest)), work.signal)
    const { ok, failed, finishedAt, who } = manifest
    const row = { startedAt: manifest.startedAt, finishedAt, who, manifestKey, tenants: ok + failed, failed }
    await work.registry.write(tx => repository.recordFleet(tx, row))
    const report = reportOf(manifest, manifestKey)
    if (failed > 0) throw someFailed(manifest, report)
    return report
  }

  private async archiveAll(
    work: BackupWork,
    tenants: readonly TenantRow[],
    options: FleetOptions,
  ): Promise<FleetOutcome[]> {
    const outcomes: FleetOutcome[] = []
    let next = 0
    let done = 0
    let failed = 0
    let unreachable = 0
    const archiveNext = async () => {
      for (let index = next++; index < tenants.length; index = next++) {
        const tenant = tenants[index]
        if (tenant === undefined) return
        throwIfCancelled(work.signal)
        const outcome = unreachable < GIVE_UP_AFTER ? await this.archive(work, tenant) : skipped(tenant, 'stopped')
        outcomes[index] = outcome
        if (outcome.outcome === 'ok') unreachable = 0
        if (outcome.outcome === 'failed') {
          failed++
          unreachable = outcome.code === 'CONNECTION_FAILED' ? unreachable + 1 : 0
        }
        done++
        options.onOutcome?.(outcome)
        options.onProgress?.({
          done,
          total: tenants.length,
          failed,
          slug: tenant.slug,
        })
      }
    }
    const workers = Array.from({ length: options.workers ?? DEFAULT_WORKERS }, archiveNext)
    // All must have stopped before the caller may close what they use.
    const ended = await Promise.allSettled(workers)
    for (const one of ended) if (one.status === 'rejected') throw one.reason
    return outcomes
  }

  private async archive(work: BackupWork, tenant: TenantRow): Promise<FleetOutcome> {
    if (tenant.deletedAt !== null) return skipped(tenant, 'deleted')
    if (tenant.status === 'failed' || tenant.status === 'provisioning') return skipped(tenant, tenant.status)
    try {
      const { prefix, hash, rows, bytes, storedBytes, durationMs, drift } = await this.backups.create(work, tenant)
      return { ...named(tenant), outcome: 'ok', archive: prefix, hash, rows, bytes, storedBytes, durationMs, drift }
    } catch (error) {
      throwIfCancelled(work.signal)
      const { code, message } = toAppError(error)
      return { ...named(tenant), outcome: 'failed', code, message }
    }
  }
}

const named = ({ id, slug, databaseSchema }: TenantRow) => ({ tenantId: id, slug, databaseSchema })

type SkipReason = Extract<FleetOutcome, { outcome: 'skipped' }>['reason']

const skipped = (tenant: TenantRow, reason: SkipReason): FleetOutcome => ({
  ...named(tenant),
  outcome: 'skipped',
  reason,
})

/** Stamps count seconds, and a fleet of few tenants takes less. */
async function freeKey({ store, signal }: BackupWork, startedAt: Date): Promise<string> {
  for (let at = startedAt.getTime(); ; at += 1_000) {
    const key = fleetKey(new Date(at))
    if ((await store.head(key, signal)) === undefined) return key
  }
}

function reportOf(manifest: FleetManifest, manifestKey: string): FleetReport {
  const { ok, failed, skipped: passed, startedAt, finishedAt } = manifest
  const done = manifest.tenants.flatMap(one => (one.outcome === 'ok' ? [one] : []))
  const sum = (of: (one: (typeof done)[number]) => number) => done.reduce((total, one) => total + of(one), 0)
  return {
    manifestKey,
    ok,
    failed,
    skipped: passed,
    rows: sum(one => one.rows),
    bytes: sum(one => one.bytes),
    storedBytes: sum(one => one.storedBytes),
    durationMs: Date.parse(finishedAt) - Date.parse(startedAt),
  }
}

function someFailed(manifest: FleetManifest, report: FleetReport): AppError {
  const failures = manifest.tenants.flatMap(one => (one.outcome === 'failed' ? [one] : []))
  const [first] = failures
  const stopped = manifest.tenants.filter(one => one.outcome === 'skipped' && one.reason === 'stopped').length
  const rest = stopped === 0 ? '' : ` ${stopped} more were not tried.`
  const text = `${report.failed} of ${report.ok + report.failed} tenants could not be backed up.${rest}`
  return new AppError(first?.code ?? 'INTERNAL', `${text} The first: ${first?.slug ?? ''}: ${first?.message ?? ''}`, {
    hint: `The archives of the other ${report.ok} are whole. Back the failed ones up again when the cause is gone.`,
    details: {
      ...report,
      failures: failures.slice(0, NAMED_FAILURES).map(({ slug, code, message }) => ({ slug, code, message })),
    },
  })
}
