import { createHash } from 'node:crypto'
import type { VERIFY_DEPTHS, Verification } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { Connections } from '../../../connections/connections.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { requireRegistry } from '../../migrations/migration.service.ts'
import { addAudit } from '../../tenants/tenant.repository.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import { MANIFEST_LIMIT_BYTES } from '../archive/manifest.ts'
import { type Archive, openArchive } from '../archive/reader.ts'
import { findingOf, isDamage } from '../archive/reader-checks.ts'
import { ownArchive, requireOwnManifest } from './own-archive.ts'
import { type ArchivedTenant, openTimeLine } from './time-line.ts'
import * as repository from './verification.repository.ts'

type VerifyDepth = (typeof VERIFY_DEPTHS)[number]
type Depth = Verification['depth']
type Progress = Pick<JobControl, 'progress' | 'log' | 'step'>

export interface FleetWork {
  registry: WriteDb
  environment: Environment
  signal: AbortSignal
  job: Progress
  who: string
}

export interface TenantWork extends FleetWork {
  tenant: ArchivedTenant
}

/**
 * Restores the archive into a scratch schema, checks counts, hashes and constraints there, and drops it. Resolves to what is wrong with
 * the archive, a line per finding; rejects where it could not be tried.
 */
export type TrialRestore = (archive: Archive, work: TenantWork) => Promise<readonly string[]>

export interface DrillReport {
  passed: number
  failed: number
  results: (Verification & { slug: string; archive: string })[]
}

interface Dependencies {
  connections: Pick<Connections, 'backup'>
  trialRestore: TrialRestore
}

/** Proves what an archive is worth, and keeps what was found. */
export class VerifyService {
  private readonly connections: Pick<Connections, 'backup'>
  private readonly trialRestore: TrialRestore

  constructor({ connections, trialRestore }: Dependencies) {
    this.connections = connections
    this.trialRestore = trialRestore
  }

  /**
   * A damaged archive is an answer, not a failure of the check: the outcome is `failed`, kept and audited. Rejects where the check
   * itself could not be made, and then nothing is kept.
   * @throws AppError NOT_FOUND for an archive that is not the tenant's, or has no manifest
   */
  async verify(work: TenantWork, archive: string, depth: VerifyDepth): Promise<Verification> {
    ownArchive(work.tenant, archive)
    const store = await this.connections.backup(work.environment)
    return await this.check({ work, store, archive }, depth)
  }

  /** Restores the last good archive of each of a sample into a scratch schema; those not drilled for the longest time come first. */
  async drill(work: FleetWork, tenants: number): Promise<DrillReport> {
    const sample = await work.registry.read(async tx => {
      await requireRegistry(tx)
      return await repository.drillCandidates(tx, tenants)
    })
    const results: DrillReport['results'] = []
    for (const [index, tenant] of sample.entries()) {
      throwIfCancelled(work.signal)
      work.job.progress({ done: index, total: sample.length, unit: 'tenants', note: tenant.slug })
      const result = await this.drillOne(work, tenant)
      results.push({ slug: tenant.slug, ...result })
      work.job.log(`${tenant.slug}: ${result.outcome} in ${result.durationMs} ms`)
    }
    work.job.progress({ done: sample.length, total: sample.length, unit: 'tenants' })
    const failed = results.filter(({ outcome }) => outcome === 'failed').length
    return { passed: results.length - failed, failed, results }
  }

  /** A check that could not be made counts as failed in the report, but says nothing about the archive: it is not kept. */
  private async drillOne(
    work: FleetWork,
    tenant: repository.DrillCandidate,
  ): Promise<Verification & { archive: string }> {
    const startedAt = new Date()
    const tenantWork = { ...work, tenant }
    try {
      const store = await this.connections.backup(work.environment)
      const archive = await (await openTimeLine(store, tenantWork)).lastGood()
      if (archive === undefined)
        throw new AppError('NOT_FOUND', 'The backup store holds no good archive of this tenant.')
      return { archive, ...(await this.check({ work: tenantWork, store, archive }, 'drill')) }
    } catch (error) {
      if (work.signal.aborted || !isAppError(error)) throw error
      return {
        archive: tenant.archive,
        depth: 'drill',
        outcome: 'failed',
        at: startedAt.toISOString(),
        durationMs: Date.now() - startedAt.getTime(),
        who: work.who,
        problems: [error.message],
      }
    }
  }

  private async check({ work, store, archive }: Check, depth: Depth): Promise<Verification> {
    const startedAt = new Date()
    const started = performance.now()
    const { problems, opened } = await this.findProblems({ work, store, archive }, depth)
    const archiveHash = opened?.manifest.hash ?? (await this.hashOfDamaged({ work, store, archive }))
    const verification: repository.NewVerification = {
      tenantId: work.tenant.id,
      archive,
      archiveHash,
      depth,
      outcome: problems.length === 0 ? 'passed' : 'failed',
      startedAt,
      durationMs: Math.round(performance.now() - started),
      who: work.who,
      problems,
      evidence: opened && {
        rows: opened.manifest.rows,
        bytes: opened.manifest.bytes,
        tables: opened.manifest.tables.length,
      },
    }
    await recordVerification(work.registry, work.tenant, verification)
    const { outcome, durationMs, who } = verification
    return { depth, outcome, at: startedAt.toISOString(), durationMs, who, problems: [...problems] }
  }

  private async findProblems(
    { work, store, archive }: Check,
    depth: Depth,
  ): Promise<{ problems: readonly string[]; opened: Archive | undefined }> {
    let opened: Archive | undefined
    try {
      opened = await openArchive(store, archive, work.signal)
      requireOwnManifest(work.tenant, opened.manifest)
      if (depth !== 'hashes') return { problems: await this.trialRestore(opened, work), opened }
      const report = await opened.verifyObjects(work.signal, ({ done, total, table }) =>
        work.job.progress({ done, total, unit: 'bytes', note: table }),
      )
      return { problems: report.problems, opened }
    } catch (error) {
      if (isDamage(error)) return { problems: [findingOf(error)], opened }
      throw error
    }
  }

  /** What the registry remembers of it, else the hash of the manifest's bytes as they are: the record needs to say which archive. */
  private async hashOfDamaged({ work, store, archive }: Check): Promise<string> {
    const known = await work.registry.read(tx => repository.knownHash(tx, archive))
    if (known !== undefined) return known
    const length = MANIFEST_LIMIT_BYTES
    const hash = createHash('sha256')
    const bytes = await store.get(`${archive}${MANIFEST_NAME}`, work.signal, { offset: 0, length })
    for await (const chunk of bytes) hash.update(chunk as Uint8Array)
    return hash.digest('hex')
  }
}

interface Check {
  work: TenantWork
  store: BackupStore
  archive: string
}

/** Keeps what was found, and writes it into the tenant's history. */
export async function recordVerification(
  registry: WriteDb,
  tenant: { id: string; slug: string },
  verification: repository.NewVerification,
): Promise<void> {
  const { archive, depth, outcome, durationMs, who, problems } = verification
  await registry.write(async tx => {
    await repository.insertVerification(tx, verification)
    const after = { archive, depth, outcome, durationMs, problems: [...problems] }
    await addAudit(tx, { who, action: 'backup.verify', tenantId: tenant.id, slug: tenant.slug, after })
  })
}
