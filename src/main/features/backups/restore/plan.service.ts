import type { z } from 'zod'
import type { Verification } from '#shared/contract/backup.model.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { RestorePlan } from '#shared/contract/restore.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { isAppError } from '#shared/errors.ts'
import type { ReadDb } from '../../../connections/postgres/database.ts'
import type { Migration } from '../../migrations/migration-files.ts'
import { readFacts } from '../../tenants/tenant-facts.ts'
import type { Manifest } from '../archive/manifest.ts'
import { openArchive } from '../archive/reader.ts'
import { requireOwnManifest } from '../catalogue/own-archive.ts'
import * as repository from './plan.repository.ts'
import type { ArchivePlace } from './prepare.service.ts'
import { openRestores } from './restore.repository.ts'
import { versionNote } from './side-migrate.ts'

/** Below so many estimated rows a tenant is counted exactly: a few tenths of a second. */
const EXACT_ROWS = 200_000
/** Counting may take this long, and wait so long for a lock; the plan says what it could not count. */
const COUNT_TIMEOUT_MS = 10_000
const LOCK_TIMEOUT_MS = 500
/** Disk that a restored schema takes, by byte of COPY text, with its indexes: measured with bench restore.large, and rounded up. */
const DISK_PER_BYTE = 2.2
/** Bytes of COPY text that are loaded, indexed, read back and compared in a second: likewise, rounded down. */
const BYTES_PER_SECOND = 10_000_000
const LEAST_SECONDS = 2

export interface PlanRequest {
  registry: ReadDb<'registry'>
  db: ReadDb<'tenant'>
  environment: Pick<Environment, 'name' | 'class'>
  tenant: TenantRow
  archive: ArchivePlace
  signal: AbortSignal
}

interface Dependencies {
  migrations: readonly Migration[]
  /** The latest verification of an archive. */
  verified: (registry: ReadDb<'registry'>, prefix: string) => Promise<z.infer<typeof Verification> | null>
}

/** Says what a restore would do, before anything is built. Live and archive are only read, of the archive only its manifest. */
export class PlanService {
  private readonly migrations: readonly Migration[]
  private readonly verified: Dependencies['verified']

  constructor({ migrations, verified }: Dependencies) {
    this.migrations = migrations
    this.verified = verified
  }

  async plan(request: PlanRequest): Promise<RestorePlan> {
    const { registry, environment, tenant, archive } = request
    const { manifest } = await openArchive(archive.store, archive.prefix, request.signal)
    requireOwnManifest(tenant, manifest)
    const live = await readLive(request, manifest)
    const facts = await readFacts(registry, [tenant])
    const { ledger, sessions, others } = await registry.read(async tx => ({
      ledger: await repository.readLedger(tx, tenant.id),
      sessions: await repository.readSessions(tx, tenant.databaseSchema),
      others: await openRestores(tx, tenant.id),
    }))
    const neededBytes = Math.max(manifest.bytes * DISK_PER_BYTE, sizeLikeLive(manifest, live))
    return {
      environmentName: environment.name,
      environmentClass: environment.class,
      slug: tenant.slug,
      tenantName: tenant.name,
      databaseSchema: tenant.databaseSchema,
      archive: archive.prefix,
      archiveAt: manifest.snapshotAt,
      archiveHash: manifest.hash,
      archiveRows: String(manifest.rows),
      verified: await this.verified(registry, archive.prefix),
      liveRows: String(live.rows),
      isLiveRowsExact: live.isExact,
      lastActivityAt: facts.facts.get(tenant.id)?.lastActivityAt ?? null,
      tables: tableList(manifest, live),
      archiveVersion: manifest.schema.version,
      liveVersion: ledger.version,
      latestVersion: this.migrations.length,
      versionNote: versionNote(manifest, this.migrations, ledger.version),
      archiveDrift: driftOfArchive(manifest),
      liveDrift: await this.liveDrift(request, ledger),
      neededBytes: String(Math.ceil(neededBytes)),
      // PostgreSQL tells nobody how much room its disks have.
      freeBytes: null,
      estimatedSeconds: LEAST_SECONDS + Math.ceil(manifest.bytes / BYTES_PER_SECOND),
      sessions,
      otherRestores: others.map(row => row.id),
    }
  }

  private async liveDrift({ registry, db }: PlanRequest, ledger: repository.Ledger): Promise<string | null> {
    const set = this.migrations.slice(0, ledger.checksums.length)
    const isKnown =
      set.length === ledger.checksums.length && set.every((one, index) => one.checksum === ledger.checksums[index])
    if (!isKnown) return 'Its ledger names migrations that this console does not know, or with another text'
    const expected = await registry.read(tx => repository.knownDefinitions(tx, set))
    return expected === undefined ? null : await db.read(tx => repository.driftFrom(tx, expected))
  }
}

interface Live {
  tables: Map<string, repository.LiveTable & { counts: repository.TableCounts }>
  rows: number
  isExact: boolean
  sizeBytes: number
}

async function readLive({ db }: PlanRequest, { snapshotAt }: Manifest): Promise<Live> {
  const tables = await db.read(tx => repository.readLiveTables(tx))
  const isSmall = tables.reduce((sum, table) => sum + Math.max(0, table.estimatedRows), 0) < EXACT_ROWS
  const live: Live = { tables: new Map(), rows: 0, isExact: true, sizeBytes: 0 }
  for (const table of tables) {
    // Nobody counted this one yet: its size tells whether counting is quick.
    const isQuick = isSmall && table.sizeBytes < EXACT_ROWS * 1_000
    const newerThan = isQuick || table.isTimeIndexed ? snapshotAt : null
    const counts = await counted(db, table, { rows: isQuick, newerThan })
    live.tables.set(table.table, { ...table, counts })
    live.rows += counts.rows === null ? Math.max(0, Math.round(table.estimatedRows)) : Number(counts.rows)
    live.isExact &&= counts.rows !== null
    live.sizeBytes += table.sizeBytes
  }
  return live
}

/** A table that somebody has locked, or that takes too long, is not counted. */
async function counted(
  db: ReadDb<'tenant'>,
  table: repository.LiveTable,
  ask: { rows: boolean; newerThan: string | null },
): Promise<repository.TableCounts> {
  const options = { statementTimeoutMs: COUNT_TIMEOUT_MS, lockTimeoutMs: LOCK_TIMEOUT_MS }
  try {
    return await db.read(tx => repository.countTable(tx, table, ask), options)
  } catch (error) {
    if (isAppError(error) && error.code === 'TIMEOUT') return { table: table.table, rows: null, newerRows: null }
    throw error
  }
}

function tableList(manifest: Manifest, live: Live): RestorePlan['tables'] {
  const archived = new Map(manifest.tables.map(table => [table.name, table.rows]))
  return [...new Set([...archived.keys(), ...live.tables.keys()])].sort().map(table => {
    const rows = archived.get(table)
    const found = live.tables.get(table)
    const estimate = found === undefined || found.estimatedRows < 0 ? null : String(Math.round(found.estimatedRows))
    return {
      table,
      archiveRows: rows === undefined ? null : String(rows),
      liveRows: found?.counts.rows ?? estimate,
      newerRows: found?.counts.newerRows ?? null,
    }
  })
}

/** Live takes this much for its rows; the archive's rows take their share of it. */
const sizeLikeLive = (manifest: Manifest, live: Live): number =>
  live.rows === 0 ? 0 : (live.sizeBytes * manifest.rows) / live.rows

const driftOfArchive = ({ schema }: Manifest): string | null =>
  schema.source === 'pg_dump'
    ? 'The schema had drifted from its migrations; its definitions are those that pg_dump gave.'
    : null
