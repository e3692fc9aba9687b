import { AppError } from '#shared/errors.ts'
import { type ClientTool, ClientTools } from './client-tools.ts'
import { createDump, dumpArguments, LOCK_WAIT_MS } from './create-dump.ts'
import { type DatabaseFacts, databaseFacts } from './database.repository.ts'
import { fetchDump } from './dump-source.ts'
import type {
  CreateOptions,
  DumpStore,
  FullDumpDetails,
  FullDumpEntry,
  FullDumpJob,
  FullDumpPlan,
  FullDumpTarget,
  FullDumpVerification,
  RestoreOptions,
  RestorePlan,
  RestoreReport,
} from './full-dump.model.ts'
import { type DumpFormat, FULL_PREFIX, parseDumpKey, readKey, sidecarKey } from './layout.ts'
import { estimateLocks, notEnoughLocks } from './lock-estimate.ts'
import { requireRestrict } from './psql-restrict.ts'
import { countEntries, drainScript, restoreArguments, restoreDump, restoreJobs } from './restore-dump.ts'
import { type ShownCommand, shownCommand } from './shown-command.ts'
import { checkNewName, removeUnfinishedRestore, type UnfinishedRestore, unfinishedRestores } from './side-database.ts'
import { readSidecar, requireSidecar, type Sidecar } from './sidecar.ts'
import { connectionVariables, type ToolConnection, withToolEnvironment } from './tool-environment.ts'
import { inDatabase, withClient } from './with-client.ts'

const MAXIMUM_JOBS = 16

/** Dumps of a whole database by PostgreSQL's own tools, and their restore into a new database. */
export class FullDumpService {
  private readonly tools: ClientTools

  constructor(tools: ClientTools = new ClientTools()) {
    this.tools = tools
  }

  /** What a dump would take, with the exact command; changes nothing. */
  async plan(target: FullDumpTarget, format: DumpFormat, signal: AbortSignal): Promise<FullDumpPlan> {
    const { facts, tool } = await this.prepare(target, signal)
    const locks = estimateLocks(facts.locks)
    return {
      database: target.postgres.settings.database,
      format,
      server: { version: facts.serverVersion, major: facts.serverMajor },
      tool: shown(tool),
      command: commandOf(target.postgres, tool, dumpArguments({ format, lockWaitMs: LOCK_WAIT_MS }, '<snapshot>')),
      sizeBytes: facts.sizeBytes,
      tables: facts.tables,
      locks,
      advice: locks.isEnough ? null : 'fleet-backup',
    }
  }

  /**
   * Dumps the database into the store, the record last. Refuses with CONFLICT `{ reason: 'lock-table' }` where the dump would need most of
   * the server's lock table, unless `ignoreLockTable`.
   */
  async create(target: FullDumpTarget, options: CreateOptions, job: FullDumpJob): Promise<FullDumpDetails> {
    const { facts, tool } = await this.prepare(target, job.signal)
    const locks = estimateLocks(facts.locks)
    if (!locks.isEnough && options.ignoreLockTable !== true) throw notEnoughLocks(locks)
    const { format, lockWaitMs = LOCK_WAIT_MS } = options
    return detailsOf(await createDump({ target, options: { format, lockWaitMs }, tool, facts, job }))
  }

  /** All dumps in the store, newest first; those without their record are unfinished or of another program. */
  async list(store: DumpStore, signal: AbortSignal): Promise<FullDumpEntry[]> {
    const entries: FullDumpEntry[] = []
    const recorded = new Set<string>()
    for await (const { key, size, modifiedAt } of store.listAll(FULL_PREFIX, signal)) {
      const found = readKey(key)
      if (found === undefined) continue
      if (found.isSidecar) recorded.add(found.key)
      else entries.push({ key, format: found.format, at: found.at, bytes: size, modifiedAt, isComplete: false })
    }
    return entries
      .map(entry => ({ ...entry, isComplete: recorded.has(entry.key) }))
      .sort((a, b) => (a.at === b.at ? a.key.localeCompare(b.key) : b.at.localeCompare(a.at)))
  }

  /** The record of a dump; null where it has none. */
  async get(store: DumpStore, key: string, signal: AbortSignal): Promise<FullDumpDetails | null> {
    parseDumpKey(key)
    const sidecar = await readSidecar(store, key, signal)
    return sidecar === undefined ? null : detailsOf(sidecar)
  }

  /** Reads the whole dump: its hash is that of its record, and pg_restore reads its table of contents, or the script is sound. */
  async verify(target: FullDumpTarget, key: string, job: FullDumpJob): Promise<FullDumpVerification> {
    const began = performance.now()
    const { signal } = job
    const sidecar = await requireSidecar(target.store, key, signal)
    const onBytes = (bytes: number) =>
      job.progress?.({ phase: 'reading', bytes, totalBytes: sidecar.bytes, objects: 0, totalObjects: null })
    const tool = sidecar.format === 'custom' ? await this.tools.chooseReader(sidecar.tool.major, signal) : undefined
    const source = await fetchDump({ store: target.store, dump: sidecar, signal, onBytes })
    const objects =
      tool === undefined
        ? await drainScript({ source, plainBytes: sidecar.plainBytes, signal }).then(() => null)
        : await withToolEnvironment(target.postgres, environment => countEntries({ source, tool, environment, signal }))
    return {
      key,
      bytes: sidecar.bytes,
      sha256: sidecar.sha256,
      objects,
      verifiedAt: new Date().toISOString(),
      durationMs: Math.round(performance.now() - began),
    }
  }

  /** Checks all that can be known before a restore; changes nothing. */
  async planRestore(target: FullDumpTarget, options: RestoreOptions, signal: AbortSignal): Promise<RestorePlan> {
    const { sidecar, tool, locks } = await this.prepareRestore(target, options, signal)
    const jobs = sidecar.format === 'custom' ? restoreJobs(options) : 1
    // Filled under another name until it is whole; a person who repeats the command wants this one.
    const postgres = inDatabase(target.postgres, options.database)
    const args = [...restoreArguments({ options, sidecar, locks }, jobs), ...(jobs > 1 ? ['<dump>'] : [])]
    return {
      dump: detailsOf(sidecar),
      database: options.database,
      tool: shown(tool),
      command: commandOf(postgres, tool, args),
    }
  }

  /** Into a database that did not exist before; a restore that fails or is cancelled leaves none. */
  async restore(target: FullDumpTarget, options: RestoreOptions, job: FullDumpJob): Promise<RestoreReport> {
    const { sidecar, tool, locks } = await this.prepareRestore(target, options, job.signal)
    return await restoreDump({ target, options, sidecar, tool, locks, job })
  }

  /** The record goes first: what is left of a removal that breaks off counts as unfinished. */
  async remove(store: DumpStore, key: string, signal: AbortSignal): Promise<void> {
    parseDumpKey(key)
    await store.delete([sidecarKey(key)], signal)
    await store.delete([key], signal)
  }

  /** Databases that restores of a killed console have left. */
  async unfinishedRestores(postgres: ToolConnection, signal: AbortSignal): Promise<UnfinishedRestore[]> {
    return await withClient(postgres, signal, unfinishedRestores)
  }

  async removeUnfinishedRestore(postgres: ToolConnection, database: string, signal: AbortSignal): Promise<void> {
    await withClient(postgres, signal, client => removeUnfinishedRestore(client, database))
  }

  private async prepare(
    target: FullDumpTarget,
    signal: AbortSignal,
  ): Promise<{ facts: DatabaseFacts; tool: ClientTool }> {
    const facts = await withClient(target.postgres, signal, databaseFacts)
    return { facts, tool: await this.tools.choose('pg_dump', facts.serverMajor, signal) }
  }

  private async prepareRestore(target: FullDumpTarget, options: RestoreOptions, signal: AbortSignal) {
    checkOptions(options)
    const sidecar = await requireSidecar(target.store, options.key, signal)
    const own = target.postgres.settings.database
    const facts = await withClient(target.postgres, signal, async client => {
      await checkNewName(client, own, options.database)
      return await databaseFacts(client)
    })
    const name = sidecar.format === 'custom' ? 'pg_restore' : 'psql'
    const tool = await this.tools.choose(name, facts.serverMajor, signal)
    if (name === 'psql') requireRestrict(tool)
    if (name === 'pg_restore' && tool.major < sidecar.tool.major) throw newerDump(sidecar, tool)
    return { sidecar, tool, locks: facts.locks }
  }
}

function checkOptions(options: RestoreOptions): void {
  const { format } = parseDumpKey(options.key)
  if (format === 'sql.gz' && options.owners === 'none') {
    throw new AppError('UNSUPPORTED', 'A script names its owners itself; they cannot be left out.', {
      hint: 'Create the roles on this server, or restore a dump in the custom format.',
    })
  }
  const { jobs = 1 } = options
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > MAXIMUM_JOBS) {
    throw new AppError('INVALID_INPUT', `A restore uses 1 to ${MAXIMUM_JOBS} connections.`, {
      details: { fields: { jobs: `1 to ${MAXIMUM_JOBS}` } },
    })
  }
}

const newerDump = (sidecar: Sidecar, tool: ClientTool): AppError =>
  new AppError(
    'UNSUPPORTED',
    `pg_dump ${sidecar.tool.version} wrote this dump; pg_restore ${tool.version}, which fits this server, cannot read it.`,
    { hint: 'Restore it on a server of the newer version.', details: { reason: 'client-tools' } },
  )

const shown = ({ path, version, major }: ClientTool) => ({ path, version, major })

function commandOf(postgres: ToolConnection, tool: ClientTool, args: string[]): ShownCommand {
  const { settings, password } = postgres
  const command = { program: tool.path, args, variables: connectionVariables(settings) }
  return shownCommand(command, password !== undefined && password !== '')
}

function detailsOf({ tables, version: _, locale: _locale, plainBytes: _plain, ...rest }: Sidecar): FullDumpDetails {
  return { ...rest, at: parseDumpKey(rest.key).at, tables: tables.length }
}
