import type { Environment } from '#shared/contract/environment.model.ts'
import type { FullDump } from '#shared/contract/full-dumps.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { Connections } from '../../../connections/connections.ts'
import type { SecretReader } from '../../../connections/secret-vault.ts'
import type { EnvironmentContext, HandlersOf } from '../../../kernel/context.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import { inParallel } from '../catalogue/in-parallel.ts'
import { ClientTools } from '../full/client-tools.ts'
import type { FullDumpDetails, FullDumpEntry, FullDumpJob, FullDumpTarget } from '../full/full-dump.model.ts'
import { FullDumpService } from '../full/full-dump.service.ts'
import { toolConnection } from './tool-connection.ts'

export interface FullHandlerDependencies {
  connections: Pick<Connections, 'backup'>
  secrets: SecretReader
}

type FullHandlers = Pick<
  HandlersOf<'backups'>,
  'planFull' | 'createFull' | 'listFull' | 'verifyFull' | 'restoreFull' | 'deleteFull'
>

/** Records of dumps that are read at the same time. */
const RECORDS_AT_ONCE = 8

export function fullHandlers({ connections, secrets }: FullHandlerDependencies): FullHandlers {
  const found = new FullDumpService()
  const serviceOf = (folder: string | undefined) =>
    folder === undefined ? found : new FullDumpService(new ClientTools({ folder }))
  const targetOf = async (environment: Environment): Promise<FullDumpTarget> => ({
    environment,
    postgres: await toolConnection(environment, secrets),
    store: await connections.backup(environment),
  })
  return {
    planFull: async ({ format, toolsFolder }, { environment, signal }) => {
      const plan = await serviceOf(toolsFolder).plan(await targetOf(environment), format, signal)
      return {
        database: plan.database,
        serverVersion: plan.server.version,
        tool: plan.tool.path,
        toolVersion: plan.tool.version,
        command: plan.command.text,
        databaseBytes: String(plan.sizeBytes),
        tables: plan.tables,
        lockSlots: plan.locks.capacity,
        exhaustsLocks: plan.advice !== null,
        advice: plan.advice === null ? null : LOCK_ADVICE,
      }
    },
    createFull: async ({ format, toolsFolder, despiteLocks }, context) => {
      const started = performance.now()
      const service = serviceOf(toolsFolder)
      const target = await targetOf(context.environment)
      const { command } = await service.plan(target, format, context.signal)
      context.job.log(command.text)
      const details = await service.create(target, { format, ignoreLockTable: despiteLocks }, jobOf(context))
      return { ...dumpOf(details), durationMs: Math.round(performance.now() - started), command: command.text }
    },
    listFull: async (_input, { environment, signal }) =>
      await listDumps(found, await connections.backup(environment), signal),
    verifyFull: async ({ key, toolsFolder }, context) => {
      const target = await targetOf(context.environment)
      try {
        const { objects } = await serviceOf(toolsFolder).verify(target, key, jobOf(context))
        return { outcome: 'passed', problems: [], entries: objects }
      } catch (error) {
        const isVerdict = isAppError(error) && error.code === 'CONFLICT'
        if (!isVerdict) throw error
        return { outcome: 'failed', problems: [error.message], entries: null }
      }
    },
    restoreFull: async ({ key, database, toolsFolder }, context) => {
      const service = serviceOf(toolsFolder)
      const target = await targetOf(context.environment)
      const { command } = await service.planRestore(target, { key, database }, context.signal)
      context.job.log(command.text)
      const report = await service.restore(target, { key, database }, jobOf(context))
      return { database, objects: report.tables, durationMs: report.durationMs, command: command.text }
    },
    deleteFull: async ({ key }, { environment, signal }) => {
      const store = await connections.backup(environment)
      const size = (await found.list(store, signal)).find(entry => entry.key === key)
      if (size === undefined) throw new AppError('NOT_FOUND', 'There is no such dump (any more).')
      await found.remove(store, key, signal)
      return { key, storedBytes: String(size.bytes) }
    },
  }
}

async function listDumps(service: FullDumpService, store: BackupStore, signal: AbortSignal): Promise<FullDump[]> {
  const entries = await service.list(store, signal)
  return await inParallel(entries, RECORDS_AT_ONCE, async entry => {
    const details = entry.isComplete ? await service.get(store, entry.key, signal) : null
    return details === null ? unrecorded(entry) : dumpOf(details)
  })
}

const LOCK_ADVICE =
  'pg_dump locks every table until its end, and this server’s lock table is too small for all of them. Back up all tenants instead: that locks one tenant at a time.'

const PHASES = {
  dumping: 'Dumping',
  reading: 'Reading the dump',
  checking: 'Checking',
  restoring: 'Restoring',
  verifying: 'Counting rows',
} as const

const jobOf = ({ job, signal }: Pick<EnvironmentContext, 'signal'> & { job: JobControl }): FullDumpJob => ({
  signal,
  progress: ({ phase, bytes, totalBytes, objects, totalObjects }) => {
    const ofObjects = totalObjects === null ? '' : ` · ${objects} of ${totalObjects} objects`
    job.progress({ done: bytes, total: totalBytes, unit: 'bytes', note: `${PHASES[phase]}${ofObjects}` })
  },
})

const dumpOf = (details: FullDumpDetails): FullDump => ({
  key: details.key,
  at: details.at,
  state: 'complete',
  format: details.format,
  storedBytes: String(details.bytes),
  sha256: details.sha256,
  database: details.database,
  serverVersion: details.server.version,
  toolVersion: details.tool.version,
})

const unrecorded = (entry: FullDumpEntry): FullDump => ({
  key: entry.key,
  at: entry.at,
  state: 'incomplete',
  format: entry.format,
  storedBytes: String(entry.bytes),
  sha256: null,
  database: null,
  serverVersion: null,
  toolVersion: null,
})
